import { type AuditEntry, silentLogger } from '@covent/core'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { packed, trustingHost } from './package/noter.ts'
import { bundle, pluginSource, startHost } from './start-host.ts'

const none = { allowUnsigned: false, grant: [] }
const lines = (audited: readonly AuditEntry[], actor: AuditEntry['actor']['kind']) =>
  audited
    .filter((entry) => entry.actor.kind === actor)
    .map(({ action, target, outcome, code }) => [
      action,
      target,
      outcome,
      ...(code === undefined ? [] : [code]),
    ])

describeWith('bubblewrap', 'the audit', () => {
  it('has a line for each change of an operator, by name, and for each refused one', async () => {
    const { registry, audited } = await trustingHost()
    const unsigned = await packed('1.0.0', { key: null })
    await registry.install(unsigned, none).catch(() => {})
    await registry.install(unsigned, { allowUnsigned: true, grant: ['data:database'] })
    await registry.revoke('acme.noter', 'all')
    await registry.grant('acme.noter', ['process:shell']).catch(() => {})
    await registry.disable('acme.noter')
    await registry.enable('acme.noter')
    await registry.uninstall('acme.noter')
    await registry.enable('acme.noter').catch(() => {})
    expect(lines(audited, 'principal')).toEqual([
      ['plugin.install', undefined, 'denied', 'plugin.signature-missing'],
      ['plugin.install', 'acme.noter', 'allowed'],
      ['permission.grant', 'acme.noter', 'allowed'],
      ['permission.revoke', 'acme.noter', 'allowed'],
      ['permission.grant', 'acme.noter', 'denied', 'plugin.invalid'],
      ['plugin.disable', 'acme.noter', 'allowed'],
      ['plugin.enable', 'acme.noter', 'allowed'],
      ['plugin.uninstall', 'acme.noter', 'allowed'],
      ['plugin.enable', 'acme.noter', 'denied', 'plugin.not-found'],
    ])
    expect(
      audited.filter(({ actor }) => actor.kind === 'principal').every(({ actor }) => actor.id === 'olga'),
    ).toBe(true)
    expect(audited.find(({ action }) => action === 'permission.grant')?.data).toMatchObject({
      permission: 'data:database',
    })
    expect(
      audited.find(({ action, outcome }) => action === 'plugin.install' && outcome === 'allowed')?.data,
    ).toMatchObject({
      signedBy: 'nobody',
    })
    expect(audited.filter(({ action }) => action === 'plugin.start')[0]).toMatchObject({
      actor: { kind: 'system' },
      data: { trust: 'unverified', isolation: 'process' },
    })
  })

  it('lets no change take effect that it cannot keep', async () => {
    const { registry, records, host } = await trustingHost({ auditIsFull: true })
    await expect(registry.install(await packed('1.0.0'), none)).rejects.toThrow('the audit is full')
    expect(await records.list()).toEqual([])
    expect(host.list()).toEqual([])
  })

  it('does not hold up what takes power away, and says in the log what it could not keep', async () => {
    const first = await trustingHost()
    await first.registry.install(await packed('1.0.0'), { ...none, grant: 'all' })
    await first.host.stop?.()
    const { home, records } = first
    const alarms: string[] = []
    const logger = { ...silentLogger, error: (message: string) => void alarms.push(message) }
    const { registry, call, refusal } = await trustingHost({ home, records, auditIsFull: true, logger })
    expect((await registry.revoke('acme.noter', 'all')).grants).toEqual([])
    expect(await refusal('acme.noter', 'note', 'x')).toBe('plugin.permission-denied')
    expect(await call('acme.noter', 'echo', 1)).toBe(1)
    expect(await registry.disable('acme.noter')).toMatchObject({ state: 'disabled' })
    await expect(registry.enable('acme.noter')).rejects.toThrow('the audit is full')
    expect(alarms.filter((line) => line.includes('the audit could not keep'))).toHaveLength(2)
  })

  it('is not waited for by what takes power away', async () => {
    const first = await trustingHost()
    await first.registry.install(await packed('1.0.0'), { ...none, grant: 'all' })
    await first.host.stop?.()
    const { home, records } = first
    const { registry, refusal } = await trustingHost({ home, records, auditHangs: true })
    void registry.revoke('acme.noter', 'all')
    await expect.poll(() => refusal('acme.noter', 'note', 'x')).toBe('plugin.permission-denied')
  })

  it('has a line for each brokered call, with on whose behalf, and for each denial', async () => {
    const more = `permissions: { required: {
        'data:database': { reason: 'Keep a note' },
        'net:dns': { names: ['api.example.org'], reason: 'Look it up' } } },
      emits: { told: z.object({ n: z.number() }) },`
    const source = pluginSource('acme.made', {
      more,
      actions: {
        run: `await ctx.kv.set('a', 1); ctx.emit('told', { n: 1 }); await ctx.kv.list('x', { limit: -1 }).catch(() => {})
          await ctx.dns.resolve('api.example.org').catch(() => {}); return 'ran'`,
      },
    })
    const { call, audited } = await startHost({
      installed: { made: source },
      plugins: { allowUnsigned: true, grants: { 'acme.made': ['data:database'] } },
      wayOut: { egress: undefined as never, secrets: { get: async () => undefined } },
    })
    expect(await call('acme.made', 'run')).toBe('ran')
    const words = lines(audited, 'plugin').map((line) => line.join(' '))
    expect(words.toSorted()).toEqual([
      'dns.resolve api.example.org denied plugin.permission-denied',
      'events.emit told allowed',
      'kv.list  failed plugin.input-invalid',
      'kv.set  allowed',
    ])
    const made = audited.filter(({ actor }) => actor.id === 'acme.made')
    expect(made.every(({ data }) => data?.['principalId'] === 'anna' && data['callId'] === 'call_0')).toBe(
      true,
    )
    expect(made.at(-1)?.data).toMatchObject({ permission: 'net:dns' })
  })

  it('has a line for a crash, a kill and a refusal', async () => {
    const dying = pluginSource('acme.dying', { actions: { die: 'process.exit(3)' } })
    const { refusal, audited } = await startHost({
      bundled: [bundle('dying', dying)],
      installed: { stranger: pluginSource('acme.stranger', { actions: {} }) },
    })
    await refusal('acme.dying', 'die')
    const system = () => lines(audited, 'system').filter(([action]) => action !== 'plugin.start')
    await expect.poll(system).toEqual([
      ['plugin.refuse', 'stranger', 'denied', 'plugin.signature-missing'],
      ['plugin.crash', 'acme.dying', 'failed', 'plugin.crashed'],
    ])
  })
})
