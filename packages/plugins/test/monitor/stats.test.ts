import type { PluginAlert } from '@covent/core'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import type { PluginHostServices } from '../../src/index.ts'
import { bundle, pluginSource, type Started, startHost } from '../start-host.ts'
import { hasty } from './hasty.ts'

const asks = `permissions: { required: {
  'data:database': { reason: 'Keep a value' },
  'net:outbound:https': { hosts: ['api.example.com'], reason: 'Ask it' },
} },`
const made = (actions: Readonly<Record<string, string>>, more = '', id = 'acme.made') =>
  bundle(id.replace('acme.', ''), pluginSource(id, { more, actions }))

/** The network as one would like it: a thousand bytes for whoever asks. */
const wayOut = {
  egress: { fetch: async () => ({ url: '', status: 200, headers: {}, body: new Uint8Array(1_000) }) },
  secrets: {},
} as unknown as NonNullable<PluginHostServices['wayOut']>

const statsOf = ({ host }: Started, id = 'acme.made') => host.monitor.stats(id)

const alertsOf = ({ events }: Started, alert: PluginAlert): readonly string[] =>
  events.flatMap(({ type, payload }) =>
    type.startsWith('plugin.alert') && 'alert' in payload && payload.alert === alert ? [type] : [],
  )

describeWith('bubblewrap', 'the monitor', () => {
  it('tells what a plugin did, what it was refused, and what it uses', async () => {
    const actions = {
      fine: `await new Promise((resolve) => setTimeout(resolve, 20))`,
      fail: `throw new Error('no luck')`,
      keep: `await ctx.kv.set('k', 'x'.repeat(98))`,
      reach: `await ctx.http.request('https://api.example.com/', { method: 'POST', body: '12345' })`,
    }
    const started = await startHost({ bundled: [made(actions, asks)], wayOut })
    for (const action of ['fine', 'fine', 'fail', 'keep', 'reach']) await started.refusal('acme.made', action)
    const stats = await statsOf(started)
    expect(stats).toMatchObject({
      id: 'acme.made',
      state: 'ready',
      starts: 1,
      crashes: 0,
      instances: 1,
      inFlight: 0,
      denied: 0,
      network: { sentBytes: 5, receivedBytes: 1_000 },
      storageBytes: expect.any(Number) as number,
      total: { calls: 5, errors: 1 },
      lastError: { code: 'plugin.action-failed', where: 'action/fail' },
    })
    expect(stats.total.errorsByCode).toEqual({ 'plugin.action-failed': 1 })
    expect(stats.parts['action/fine']!.p50Ms).toBeGreaterThanOrEqual(19)
    expect(stats.storageBytes).toBeGreaterThanOrEqual(98)
    expect(stats.usage!.rssBytes).toBeGreaterThan(10_000_000)
    expect(stats.startMs).toBeGreaterThan(0)
    expect(await started.host.monitor.all()).toMatchObject([{ id: 'acme.made' }])
    await expect(statsOf(started, 'acme.none')).rejects.toMatchObject({ code: 'plugin.not-found' })
  })

  it('pauses an action that keeps failing, alone, says so, and goes on when it is well', async () => {
    const { clock, turn } = hasty()
    const actions = {
      flaky: `if (!globalThis.well) throw new Error('no luck')`,
      mend: `globalThis.well = true`,
    }
    const started = await startHost({ bundled: [made(actions)], clock })
    for (let n = 0; n < 10; n++)
      expect(await started.refusal('acme.made', 'flaky')).toBe('plugin.action-failed')
    await expect(started.call('acme.made', 'flaky')).rejects.toMatchObject({
      code: 'plugin.paused',
      message: expect.stringMatching(
        /^acme\.made: action\/flaky is paused, since 10 of its last 10 calls failed; it is tried again at 2\d{3}-.*Z$/,
      ) as string,
    })
    expect(started.host.list()).toMatchObject([
      { state: 'degraded', reason: 'action/flaky is paused, since 10 of its last 10 calls failed' },
    ])
    await started.call('acme.made', 'mend')
    turn(30_000)
    await started.call('acme.made', 'flaky')
    expect(started.host.list()[0]!.state).toBe('ready')
    expect(alertsOf(started, 'breaker')).toEqual(['plugin.alert', 'plugin.alert-cleared'])
  })

  it('does not hold wrong input, refusals or callers that leave against a plugin', async () => {
    const strict = `strict: { description: 'A test', effect: 'read', input: z.object({ n: z.number() }),
      output: z.any(), async run() {} },`
    const source = pluginSource('acme.made', {
      more: asks,
      actions: {
        reach: `await ctx.kv.get('k', z.any())`,
        slow: `await new Promise((_, reject) => ctx.signal.addEventListener('abort', reject))`,
      },
    }).replace('actions: {', `actions: { ${strict}`)
    const started = await startHost({ installed: { made: source }, plugins: { allowUnsigned: true } })
    for (let n = 0; n < 12; n++) {
      expect(await started.refusal('acme.made', 'strict', { n: 'x' })).toBe('plugin.input-invalid')
      expect(await started.refusal('acme.made', 'reach')).toBe('plugin.permission-denied')
    }
    const call = { callId: 'c', turnId: 't', principalId: 'anna', character: 'default' }
    const leave = () =>
      started.host.invoke(
        { plugin: 'acme.made', action: 'slow', input: {}, call },
        { signal: AbortSignal.timeout(5) },
      )
    for (let n = 0; n < 12; n++) await leave().catch(() => {})
    expect(await statsOf(started)).toMatchObject({ state: 'ready', paused: [], denied: 12 })
  })

  it("keeps what a plugin logs, prints and is said to have done, and no other plugin's lines", async () => {
    const say = `ctx.log.info('hello', { n: 1 }); console.log('printed \\u001b[31mred'); throw new Error('no luck')`
    const bundled = [made({ say }), made({ say: `ctx.log.warn('of another')` }, '', 'acme.other')]
    const started = await startHost({ bundled })
    await started.refusal('acme.made', 'say')
    await started.call('acme.other', 'say')
    const lines = () => started.host.monitor.logs('acme.made')
    await expect.poll(() => lines().length, { timeout: 5_000 }).toBe(2)
    expect(lines()).toMatchObject([
      { level: 'info', message: 'hello', fields: { plugin: 'made', fields: { n: 1 } } },
      { level: 'info', message: 'plugin output', fields: { text: 'printed \\u001b[31mred' } },
    ])
    expect(started.host.monitor.logs('acme.other')).toMatchObject([{ message: 'of another' }])
  })
})
