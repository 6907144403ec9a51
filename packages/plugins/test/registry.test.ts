import { describeWith } from '@covent/testing'
import { beforeAll, expect, it } from 'vitest'
import { denials } from '../src/host/broker/denials.ts'
import { keyIdOf, trustStore } from '../src/package.ts'
import { now, packed, publicKey, trustingHost } from './package/noter.ts'
import { pluginSource, startHost } from './start-host.ts'

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { readonly code: string }) => error.code,
  )

const none = { allowUnsigned: false, grant: [] }

describeWith('bubblewrap', 'the registry', () => {
  let one: Uint8Array
  let two: Uint8Array
  let unsigned: Uint8Array
  beforeAll(async () => {
    one = await packed('1.0.0')
    two = await packed('1.1.0')
    unsigned = await packed('1.0.0', { key: null })
  })

  it('installs a signed package that runs at once, with nothing granted', async () => {
    const { registry, host, call, refusal, events } = await trustingHost()
    const installed = await registry.install(one, none)
    expect(installed).toMatchObject({
      id: 'acme.noter',
      version: '1.0.0',
      state: 'ready',
      trust: 'signed',
      grants: [],
      package: {
        keyId: keyIdOf(publicKey),
        permissions: [
          { permission: 'data:database', need: 'required', state: 'pending', reason: 'Keep a note' },
        ],
      },
    })
    expect(host.list()).toHaveLength(1)
    expect(await call('acme.noter', 'echo', { a: 1 })).toEqual({ a: 1 })
    expect(await refusal('acme.noter', 'note', 'x')).toBe('plugin.permission-denied')
    expect(events.map(({ type }) => type)).toContain('plugin.installed')
  })

  it('grants and revokes in the running host, and remembers it over a restart of the server', async () => {
    const { registry, call, refusal, home, records, host } = await trustingHost()
    await registry.install(one, none)
    expect((await registry.grant('acme.noter', 'all')).grants).toEqual(['data:database'])
    expect(await call('acme.noter', 'note', 'x')).toBe('x')
    await host.stop?.()
    const second = await trustingHost({ home, records })
    expect(await second.call('acme.noter', 'note', 'y')).toBe('y')
    const revoked = await second.registry.revoke('acme.noter', ['data:database'])
    expect([revoked.grants, revoked.package?.permissions[0]?.state]).toEqual([[], 'denied'])
    expect(await second.refusal('acme.noter', 'note', 'z')).toBe('plugin.permission-denied')
    expect(await refusal('acme.noter', 'echo', {})).toBe('plugin.unavailable')
  })

  it('tells a plugin without a grant the command that gives it', () => {
    const call = { callId: 'c', turnId: 't', principalId: 'anna', character: 'default' }
    const asker = { id: 'acme.noter', trust: 'signed', grants: new Set<string>(), quotaBytes: 0 } as const
    const wanted = { permission: 'data:database', target: 'kv.set' } as const
    const deny = denials({ emit() {} })
    expect(deny({ ...asker, isPackaged: true }, call, wanted).message).toMatch(
      /`covent plugins grant acme\.noter data:database`/,
    )
    expect(deny(asker, call, wanted).message).toMatch(/plugins\.grants\["acme\.noter"\]/)
  })

  it('refuses to grant what a plugin does not ask for', async () => {
    const { registry, host } = await trustingHost()
    expect(await codeOf(registry.install(one, { ...none, grant: ['process:shell'] }))).toBe('plugin.invalid')
    expect(host.list()).toEqual([])
    await registry.install(one, none)
    expect(await codeOf(registry.grant('acme.noter', ['net:outbound:https']))).toBe('plugin.invalid')
  })

  it('lets an unsigned package in by a word only, and says so', async () => {
    const { registry } = await trustingHost()
    expect(await codeOf(registry.install(unsigned, none))).toBe('plugin.signature-missing')
    expect(await registry.install(unsigned, { ...none, allowUnsigned: true })).toMatchObject({
      state: 'ready',
      trust: 'unverified',
    })
    const open = await trustingHost({ plugins: { allowUnsigned: true } })
    expect(await open.registry.install(unsigned, none)).toMatchObject({ state: 'ready' })
  })

  it('takes newer versions only', async () => {
    const { registry } = await trustingHost()
    await registry.install(one, { ...none, grant: 'all' })
    expect(await registry.install(two, none)).toMatchObject({ version: '1.1.0', state: 'ready' })
    expect(await codeOf(registry.install(one, none))).toBe('plugin.version-conflict')
    await registry.uninstall('acme.noter')
    expect(await registry.install(one, none)).toMatchObject({ version: '1.0.0', state: 'ready' })
  })

  it('refuses a package whose code says something else than its plugin.json, and ids that are taken', async () => {
    const { registry, home } = await trustingHost({ namespace: 'covent.*' })
    await trustStore(home).add(publicKey, { owner: 'Acme', namespaces: ['acme.*', 'covent.*'], now })
    expect(await codeOf(registry.install(await packed('1.0.0', { says: '6.6.6' }), none))).toBe(
      'plugin.integrity-broken',
    )
    expect(await codeOf(registry.install(await packed('1.0.0', { id: 'covent.noter' }), none))).toBe(
      'plugin.invalid',
    )
    expect(await codeOf(registry.show('acme.noter'))).toBe('plugin.not-found')
  })

  it('disables, enables and uninstalls a running plugin, and its grants go with it', async () => {
    const { registry, refusal, call, host } = await trustingHost()
    await registry.install(one, { ...none, grant: 'all' })
    expect(await registry.disable('acme.noter')).toMatchObject({ state: 'disabled', version: '1.0.0' })
    expect(await refusal('acme.noter', 'echo')).toBe('plugin.unavailable')
    expect(await registry.enable('acme.noter')).toMatchObject({ state: 'ready', grants: ['data:database'] })
    expect(await call('acme.noter', 'note', 'x')).toBe('x')
    await registry.uninstall('acme.noter')
    expect(host.list()).toEqual([])
    expect(await refusal('acme.noter', 'echo')).toBe('plugin.not-found')
    expect(await registry.install(one, none)).toMatchObject({ grants: [] })
    expect(await codeOf(registry.uninstall('acme.other'))).toBe('plugin.not-found')
  })

  it('takes no plugin away under another that needs it, and says who does', async () => {
    const first = await trustingHost()
    const { home, records } = first
    await first.registry.install(one, none)
    await first.host.stop?.()
    const more = `dependsOn: { 'acme.noter': '^1.0.0' },`
    const installed = { needy: pluginSource('acme.needy', { actions: {}, more }) }
    const plugins = { allowUnsigned: true }
    const { registry, call } = await trustingHost({ home, records, installed, plugins })
    const named = /acme\.noter is in use: acme\.needy needs the plugin acme\.noter \^1\.0\.0/
    await expect(registry.disable('acme.noter')).rejects.toThrow(named)
    await expect(registry.uninstall('acme.noter')).rejects.toThrow(named)
    expect(await call('acme.noter', 'echo', { a: 1 })).toEqual({ a: 1 })
  })

  it('lets nobody call an action that the operator switched off, and goes on with the others', async () => {
    const source = pluginSource('acme.two', { actions: { one: `return 1`, two: `return 2` } })
    const plugins = { allowUnsigned: true, disabledActions: ['acme.two/two'] }
    const { host, call, refusal } = await startHost({ plugins, installed: { two: source } })
    expect(await call('acme.two', 'one')).toBe(1)
    expect(await refusal('acme.two', 'two')).toBe('plugin.not-allowed')
    const wanted = { plugin: 'acme.two', action: 'two', input: {}, principalId: 'local' }
    const { signal } = new AbortController()
    expect(await codeOf(host.registry.call(wanted, signal))).toBe('plugin.not-allowed')
    const turn = { turnId: 't', principalId: 'anna', character: 'x', text: '' }
    expect((await host.offered(turn, { signal })).map(({ name }) => name)).toEqual(['one'])
    expect(host.actions().map(({ name }) => name)).toEqual(['one'])
  })

  it('calls an action for an operator by the rules of effects', async () => {
    const spends = pluginSource('acme.spender', { actions: { buy: `return 'bought'` } }).replace(
      `'write'`,
      `'spend'`,
    )
    const wanted = { plugin: 'acme.spender', action: 'buy', input: {}, principalId: 'local' }
    const run = async (allowActions: readonly string[]) => {
      const settings = { plugins: { allowUnsigned: true }, installed: { spender: spends }, allowActions }
      const { host } = await startHost(settings)
      return codeOf(host.registry.call(wanted, new AbortController().signal))
    }
    expect(await run([])).toBe('plugin.effect-refused')
    // A stranger may call its action as one that is allowed to the server's own.
    expect(await run(['buy'])).toBe('plugin.effect-refused')
    expect(await run(['acme.spender/buy'])).toBe('done')
  })
})
