import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KeyObject } from 'node:crypto'
import { temporaryFolder } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import {
  keyIdOf,
  makeSigningKey,
  readPackage,
  readPrivateKey,
  readPublicKey,
  signerOf,
  signPackage,
  type TrustedKey,
  trustStore,
} from '../../src/package.ts'
import { pack, unpack } from '../../src/package/archive.ts'
import { bytesOf, keyPair, packageOf } from './support.ts'

const now = Date.parse('2026-06-01T00:00:00Z')
const dayMs = 86_400_000

const trusting = async (key: KeyObject, terms: { namespaces?: string[]; expiresAt?: number } = {}) => {
  const store = trustStore(temporaryFolder())
  await store.add(key, { owner: 'Acme', namespaces: ['acme.*'], now, ...terms })
  return store
}

const verdict = async (packed: Uint8Array, keys: readonly TrustedKey[], isNew = true): Promise<string> => {
  try {
    return signerOf(await readPackage(packed), { keys, now, isNew })?.owner ?? 'unsigned'
  } catch (error) {
    return (error as { readonly code: string }).code
  }
}

describe('a signature', () => {
  it('is believed when its key is trusted for the id, and nothing was changed', async () => {
    const { privateKey, publicKey } = keyPair()
    const keys = await (await trusting(publicKey)).list()
    expect(await verdict(await signPackage(packageOf(), privateKey, now), keys)).toBe('Acme')
    expect(await verdict(packageOf(), keys)).toBe('unsigned')
  })

  it('is refused for another manifest, by one changed byte, and when it is no signature', async () => {
    const { privateKey, publicKey } = keyPair()
    const keys = await (await trusting(publicKey)).list()
    const files = await unpack(await signPackage(packageOf(), privateKey, now))
    const signature = files.get('plugin.json.sig')!
    const carried = new Map([
      ...(await unpack(packageOf({ version: '1.0.1' }))),
      ['plugin.json.sig', signature],
    ])
    expect(await verdict(pack(carried), keys)).toBe('plugin.signature-invalid')
    const flipped = signature.map((byte, n) => (n === 90 ? (byte === 65 ? 66 : 65) : byte))
    expect(await verdict(pack(new Map([...files, ['plugin.json.sig', flipped]])), keys)).toBe(
      'plugin.signature-invalid',
    )
    expect(await verdict(pack(new Map([...files, ['plugin.json.sig', bytesOf('{}')]])), keys)).toBe(
      'plugin.signature-invalid',
    )
  })

  it('is refused of an unknown key, also one that calls itself by a trusted id', async () => {
    const trusted = keyPair()
    const keys = await (await trusting(trusted.publicKey)).list()
    const forged = await signPackage(packageOf(), keyPair().privateKey, now)
    expect(await verdict(forged, keys)).toBe('plugin.signature-untrusted')
    const files = await unpack(forged)
    const claimed = Buffer.from(files.get('plugin.json.sig')!)
      .toString()
      .replace(/ed25519:SHA256:[\w-]+/, keyIdOf(trusted.publicKey))
    expect(await verdict(pack(new Map([...files, ['plugin.json.sig', bytesOf(claimed)]])), keys)).toBe(
      'plugin.signature-invalid',
    )
  })

  it.each([
    ['another namespace', ['other.*'], 'plugin.signature-untrusted'],
    ['a namespace that only begins alike', ['acm.*'], 'plugin.signature-untrusted'],
    ['a narrower namespace', ['acme.tools.*'], 'plugin.signature-untrusted'],
    ['one of several namespaces', ['other.*', 'acme.*'], 'Acme'],
  ])('of a key for %s: %s gives %s', async (_, namespaces, expected) => {
    const { privateKey, publicKey } = keyPair()
    const keys = await (await trusting(publicKey, { namespaces })).list()
    expect(await verdict(await signPackage(packageOf(), privateKey, now), keys)).toBe(expected)
  })

  it('of an expired key lets in nothing new, and keeps what is installed', async () => {
    const { privateKey, publicKey } = keyPair()
    const keys = await (await trusting(publicKey, { expiresAt: now - dayMs })).list()
    const packed = await signPackage(packageOf(), privateKey, now)
    expect([await verdict(packed, keys), await verdict(packed, keys, false)]).toEqual([
      'plugin.signature-untrusted',
      'Acme',
    ])
  })

  it('of a revoked or removed key counts no more, installed or not', async () => {
    const { privateKey, publicKey } = keyPair()
    const store = await trusting(publicKey)
    const packed = await signPackage(packageOf(), privateKey, now)
    await store.revoke(keyIdOf(publicKey), now)
    expect(await verdict(packed, await store.list(), false)).toBe('plugin.signature-untrusted')
    await store.remove(keyIdOf(publicKey))
    expect(await verdict(packed, await store.list(), false)).toBe('plugin.signature-untrusted')
    await expect(store.remove(keyIdOf(publicKey))).rejects.toMatchObject({ code: 'request.not-found' })
  })
})

describe('keys', () => {
  it('are written for their owner only, and never over others', async () => {
    const file = join(temporaryFolder(), 'keys', 'author.pem')
    const made = await makeSigningKey(file)
    expect(statSync(made.privateKey).mode & 0o777).toBe(0o600)
    expect(keyIdOf(await readPrivateKey(file))).toBe(made.keyId)
    expect(keyIdOf(await readPublicKey(made.publicKey))).toBe(made.keyId)
    await expect(makeSigningKey(file)).rejects.toMatchObject({
      message: expect.stringMatching(/not written over/) as string,
    })
  })

  it('are not believed when the list of them cannot be read', async () => {
    const home = temporaryFolder()
    const store = trustStore(home)
    expect(await store.list()).toEqual([])
    await store.add(keyPair().publicKey, { owner: 'Acme', namespaces: ['acme.*'], now })
    expect(statSync(join(home, 'trust', 'keys.json')).mode & 0o777).toBe(0o600)
    writeFileSync(join(home, 'trust', 'keys.json'), '{"keys": []')
    await expect(store.list()).rejects.toMatchObject({ code: 'config.unreadable' })
  })
})
