import { silentLogger } from '@covent/core'
import { describeWith } from '@covent/testing'
import { beforeAll, expect, it } from 'vitest'
import { keyIdOf } from '../src/package.ts'
import { packed, publicKey, trustingHost } from './package/noter.ts'

const none = { allowUnsigned: false, grant: [] }
const keyId = keyIdOf(publicKey)
const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const wish = { publicKey: spki, owner: 'Acme', namespaces: ['acme.*'] }

describeWith('bubblewrap', 'trust in a key', () => {
  let one: Uint8Array
  beforeAll(async () => {
    one = await packed('1.0.0')
  })

  it.each(['revoke', 'remove'] as const)(
    'stops at once what it signed (%s), until it is trusted again',
    async (end) => {
      const { registry, host, call, refusal, audited } = await trustingHost()
      await registry.install(one, none)
      expect(await call('acme.noter', 'echo', 1)).toBe(1)
      await registry.trust[end](keyId)
      expect(await refusal('acme.noter', 'echo')).toBe('plugin.unavailable')
      expect(host.list()).toMatchObject([
        {
          state: 'refused',
          reason: expect.stringMatching(/is signed by ed25519.*(revoked|not in the trust store)/) as string,
        },
      ])
      await registry.trust.add(wish)
      expect(await call('acme.noter', 'echo', 2)).toBe(2)
      const changes = audited.filter(({ action }) => action.startsWith('trust.'))
      expect(changes).toMatchObject([
        { action: `trust.${end}`, target: keyId, outcome: 'allowed', actor: { id: 'olga' } },
        { action: 'trust.add', target: keyId, data: { owner: 'Acme', namespaces: 'acme.*' } },
      ])
    },
  )

  it('stops what it may sign no longer, and leaves alone what it may', async () => {
    const { registry, call, refusal } = await trustingHost()
    await registry.install(one, none)
    await registry.trust.add({ ...wish, expiresAt: 1 })
    expect(await call('acme.noter', 'echo', 1)).toBe(1)
    await registry.trust.add({ ...wish, namespaces: ['other.*'] })
    expect(await refusal('acme.noter', 'echo')).toBe('plugin.unavailable')
  })

  it('is taken away although the audit is full, and not given', async () => {
    const { registry } = await trustingHost({ auditIsFull: true, logger: silentLogger })
    await registry.trust.revoke(keyId)
    expect(await registry.trust.list()).toMatchObject([{ keyId, revoked: expect.any(String) as string }])
    await expect(registry.trust.add(wish)).rejects.toThrow('the audit is full')
    expect(await registry.trust.list()).toMatchObject([{ revoked: expect.any(String) as string }])
  })

  it('refuses what is no key, and keys that it does not know', async () => {
    const { registry, audited } = await trustingHost()
    expect(() => registry.trust.add({ ...wish, publicKey: 'bm8=' })).toThrow(/no Ed25519 key/)
    await expect(registry.trust.remove('ed25519:SHA256:x')).rejects.toThrow(/no trusted key/)
    expect(audited.at(-1)).toMatchObject({ action: 'trust.remove', outcome: 'denied' })
  })
})
