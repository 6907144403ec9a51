import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith } from '@covent/testing'
import { beforeAll, expect, it, vi } from 'vitest'
import { keyIdOf, trustStore } from '../src/package.ts'
import { asks, now, packed, publicKey, trustingHost } from './package/noter.ts'
import { keyPair } from './package/support.ts'

const none = { allowUnsigned: false, grant: [] }
const id = 'acme.noter'
const wide = `permissions: { required: {
  'data:database': { reason: 'Keep a note' },
  'net:outbound:https': { hosts: ['api.x.com'], reason: 'Ask for more' },
  'process:spawn': { commands: ['git'], reason: 'Keep a history' } } },`

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { readonly code: string }) => error.code,
  )

const lockOf = (home: string): unknown =>
  (JSON.parse(readFileSync(join(home, 'plugins/plugins.lock.json'), 'utf8')) as { plugins: unknown }).plugins

describeWith('bubblewrap', 'an update', () => {
  let one: Uint8Array
  let two: Uint8Array
  let three: Uint8Array
  let wider: Uint8Array
  beforeAll(async () => {
    one = await packed('1.0.0')
    two = await packed('1.1.0', {
      others: { 'CHANGELOG.md': '# Notes\n\n## 1.1.0\n\nFaster.\n\n## 1.0.0\n\nFirst.\n' },
    })
    three = await packed('1.2.0')
    wider = await packed('2.0.0', { asks: wide })
  })
  const filesOf = (home: string, version: string): boolean => existsSync(join(home, 'plugins', id, version))

  it('that may do no more takes over at once and keeps what was granted and denied', async () => {
    const { registry, call, events, records } = await trustingHost()
    await registry.install(one, { ...none, grant: 'all' })
    await call(id, 'note', 'x')
    expect(await registry.install(two, none)).toMatchObject({
      version: '1.1.0',
      state: 'ready',
      grants: ['data:database'],
    })
    expect(await call(id, 'note', 'y')).toBe('y')
    expect(events.map(({ type }) => type)).toContain('plugin.updated')
    await registry.revoke(id, 'all')
    expect(await registry.install(three, none)).toMatchObject({ version: '1.2.0', grants: [] })
    expect(await records.kept(id)).toMatchObject([
      { version: '1.1.0', role: 'previous' },
      { version: '1.0.0', role: 'previous' },
    ])
  })

  it('that may do more waits beside the old one, over a restart, until an operator consents to it', async () => {
    const first = await trustingHost()
    await first.registry.install(one, { ...none, grant: 'all' })
    const staged = await first.registry.install(wider, { ...none, id })
    expect(staged).toMatchObject({ version: '1.0.0', state: 'ready', update: { version: '2.0.0' } })
    const widened = staged.update?.findings.filter(({ widens }) => widens).map(({ what }) => what)
    expect(widened).toEqual(['permissions.net:outbound:https', 'permissions.process:spawn'])
    expect(await first.call(id, 'note', 'x')).toBe('x')
    await first.host.stop?.()

    const { registry, call, host, home } = await trustingHost(first)
    expect(await registry.list()).toMatchObject([
      { version: '1.0.0', update: { version: '2.0.0', state: 'update-pending-consent' } },
    ])
    expect(await codeOf(registry.consent(id, 'f'.repeat(64)))).toBe('plugin.version-conflict')
    expect(await call(id, 'note', 'x')).toBe('x')
    const consented = await registry.consent(id, staged.update!.digest)
    expect(consented).toMatchObject({ version: '2.0.0', state: 'ready' })
    expect(consented.grants.toSorted()).toEqual(['data:database', 'net:outbound:https'])
    expect(consented).not.toHaveProperty('update')
    expect(host.list()).toMatchObject([{ version: '2.0.0' }])
    expect(lockOf(home)).toMatchObject([{ id, version: '2.0.0', grants: consented.grants.toSorted() }])
    expect(await codeOf(registry.consent(id, staged.update!.digest))).toBe('plugin.not-found')
  })

  it('that waits can be rejected, and nothing is left of it', async () => {
    const { registry, records, home } = await trustingHost()
    await registry.install(one, { ...none, grant: 'all' })
    const { update } = await registry.install(wider, { ...none, grant: ['process:spawn'] })
    expect(filesOf(home, '2.0.0')).toBe(true)
    expect(await registry.reject(id)).toMatchObject({ version: '1.0.0', grants: ['data:database'] })
    expect([await records.kept(id), await records.grants(id, update!.digest)]).toEqual([[], []])
    expect(filesOf(home, '2.0.0')).toBe(false)
  })

  it('that was changed on disk while it waited is refused, and the old one serves on', async () => {
    const { registry, home, call } = await trustingHost()
    await registry.install(one, none)
    const { update } = await registry.install(wider, none)
    writeFileSync(join(home, 'plugins', id, '2.0.0', 'extra.md'), 'x')
    expect((await registry.show(id)).update).toMatchObject({ findings: [], reason: /extra\.md/ })
    expect(await codeOf(registry.consent(id, update!.digest))).toBe('plugin.integrity-broken')
    expect(await call(id, 'echo', 1)).toBe(1)
  })

  it('by another signer waits for consent, and by nobody needs a word besides', async () => {
    const { registry, home } = await trustingHost()
    const other = keyPair()
    await registry.install(one, none)
    const others = await packed('1.1.0', { key: other.privateKey })
    expect(await codeOf(registry.install(others, none))).toBe('plugin.signature-untrusted')
    await trustStore(home).add(other.publicKey, { owner: 'Other', namespaces: ['acme.*'], now })
    const { update } = await registry.install(others, none)
    expect(update?.findings).toEqual([
      { what: 'signature', before: keyIdOf(publicKey), after: keyIdOf(other.publicKey), widens: true },
    ])
    const unsigned = await packed('1.2.0', { key: null })
    expect(await codeOf(registry.install(unsigned, none))).toBe('plugin.signature-missing')
    const waits = await registry.install(unsigned, { ...none, allowUnsigned: true })
    expect(waits.update).toMatchObject({ version: '1.2.0', findings: [{ after: 'nobody', widens: true }] })
  })

  it('that does not start is rolled back, and is gone', async () => {
    const { registry, call, records, home } = await trustingHost()
    await registry.install(one, { ...none, grant: 'all' })
    const dying = await packed('1.1.0', { asks: `${asks} async onLoad() { throw new Error('no') },` })
    expect(await codeOf(registry.install(dying, none))).toBe('plugin.rolled-back')
    expect(await call(id, 'note', 'x')).toBe('x')
    expect(await registry.show(id)).toMatchObject({ version: '1.0.0', state: 'ready' })
    expect([await records.kept(id), filesOf(home, '1.1.0')]).toEqual([[], false])
  })

  it('that starts and is not well a little later is rolled back too', async () => {
    const { registry, records, home, events, call } = await trustingHost({
      plugins: { healthIntervalMs: 100 },
    })
    await registry.install(one, { ...none, grant: 'all' })
    const health = `async health() { this.asked = (this.asked ?? 0) + 1; return { ok: this.asked < 2 } },`
    const ailing = await packed('1.1.0', { asks: asks + health })
    await registry.install(ailing, none)
    await vi.waitFor(() => expect(events.map(({ type }) => type)).toContain('plugin.rolled-back'), 10_000)
    expect(await registry.show(id)).toMatchObject({ version: '1.0.0', grants: ['data:database'] })
    expect([await records.kept(id), filesOf(home, '1.1.0')]).toEqual([[], false])
    expect(lockOf(home)).toMatchObject([{ version: '1.0.0' }])
    expect(await call(id, 'note', 'x')).toBe('x')
  })

  it('is shown with its changes before it happens, and nothing of it is kept', async () => {
    const { registry, records, home } = await trustingHost()
    const fresh = await registry.preview(two, none)
    expect(fresh).toMatchObject({ signer: { owner: 'Acme' }, permissions: [{ risk: 'low' }], findings: [] })
    expect(fresh).not.toHaveProperty('changelog')
    await registry.install(one, none)
    expect(await registry.preview(two, none)).toMatchObject({
      installed: '1.0.0',
      version: '1.1.0',
      findings: [],
      changelog: '## 1.1.0\n\nFaster.',
    })
    expect([await records.kept(id), filesOf(home, '1.1.0')]).toEqual([[], false])
    expect(await codeOf(registry.install(two, { ...none, id: 'acme.other' }))).toBe('plugin.version-conflict')
  })

  it('can be taken back twice and no further; what was revoked since stays revoked', async () => {
    const { registry, call, refusal, home } = await trustingHost()
    for (const version of [one, two, three]) await registry.install(version, { ...none, grant: 'all' })
    await registry.revoke(id, ['data:database'])
    expect(await registry.rollback(id)).toMatchObject({ version: '1.1.0', state: 'ready', grants: [] })
    expect(await refusal(id, 'note', 'x')).toBe('plugin.permission-denied')
    await registry.grant(id, 'all')
    expect(await registry.rollback(id)).toMatchObject({ version: '1.0.0', grants: ['data:database'] })
    expect(await call(id, 'note', 'x')).toBe('x')
    expect(await codeOf(registry.rollback(id))).toBe('plugin.version-conflict')
    await registry.uninstall(id)
    expect(existsSync(join(home, 'plugins', id))).toBe(false)
    expect(lockOf(home)).toEqual([])
  })

  it('can be taken back where the version before was changed on disk only by installing it anew', async () => {
    const { registry, home, call } = await trustingHost()
    for (const version of [one, two]) await registry.install(version, none)
    writeFileSync(join(home, 'plugins', id, '1.0.0', 'extra.md'), 'x')
    expect(await codeOf(registry.rollback(id))).toBe('plugin.integrity-broken')
    expect(await call(id, 'echo', 1)).toBe(1)
  })
})
