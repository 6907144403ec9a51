import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { memoryKeyValues } from '../src/testing/memory-key-values.ts'
import { bundle, pluginSource, startHost } from './start-host.ts'

const database = `permissions: { required: { 'data:database': { reason: 'Keep a value' } } },`
const plugin = (more: string, actions: Readonly<Record<string, string>> = {}) =>
  bundle('made', pluginSource('acme.made', { more, actions }))
const unit = `config: z.object({ unit: z.enum(['c', 'f']).default('c'), name: z.string().optional() }),`
const settings = (config: object) => ({ config: { 'acme.made': config } })

describeWith('bubblewrap', 'the life of a plugin', () => {
  it('gives a plugin its settings, with their defaults', async () => {
    const bundled = [plugin(unit, { config: 'return ctx.config' })]
    const bare = await startHost({ bundled })
    expect(await bare.call('acme.made', 'config')).toEqual({ unit: 'c' })
    const set = await startHost({ bundled, plugins: settings({ unit: 'f', name: 'x' }) })
    expect(await set.call('acme.made', 'config')).toEqual({ unit: 'f', name: 'x' })
  })

  it.each([
    ['a wrong setting', unit, { unit: 'kelvin' }],
    ['settings for a plugin that has none', '', { unit: 'c' }],
  ])('refuses %s, and names its place', async (_, more, config) => {
    const { host } = await startHost({ bundled: [plugin(more)], plugins: settings(config) })
    expect(host.list()).toMatchObject([
      { state: 'refused', reason: expect.stringMatching(/plugins\.config\["acme\.made"\] is wrong.*unit/) },
    ])
  })

  it('is ready only after onLoad, and tries one that fails again', async () => {
    const load = `async onLoad(ctx) {
      const n = (await ctx.kv.get('starts', z.number(), { scope: 'plugin' }) ?? 0) + 1
      await ctx.kv.set('starts', n, { scope: 'plugin' })
      if (n === 1) throw new Error('no luck')
    },`
    const get = `return ctx.kv.get('starts', z.number(), { scope: 'plugin' })`
    const { host, call, events } = await startHost({ bundled: [plugin(database + load, { get })] })
    expect(host.list()).toMatchObject([{ state: 'starting', reason: expect.stringMatching(/no luck/) }])
    await expect.poll(() => host.list()[0]!.state, { timeout: 5_000 }).toBe('ready')
    expect(await call('acme.made', 'get')).toBe(2)
    expect(events.map(({ type }) => type)).toEqual(['plugin.failed', 'plugin.loaded'])
  })

  it('has no person whose values its hooks could reach', async () => {
    const more = `${database} async onLoad(ctx) { await ctx.kv.set('x', 1) },`
    const { host } = await startHost({ bundled: [plugin(more)] })
    expect(host.list()[0]!.reason).toMatch(/belongs to no person/)
  })

  it('runs onUnload before its process ends, and does not wait for ever', async () => {
    const keyValues = memoryKeyValues()
    const more = `${database} async onUnload(ctx) { await ctx.kv.set('bye', 1, { scope: 'plugin' }) },`
    const { host } = await startHost({ bundled: [plugin(more)], keyValues })
    await host.stop?.()
    const namespace = { plugin: 'acme.made', scope: 'plugin', owner: '' } as const
    expect(await keyValues.get(namespace, 'bye', Date.now())).toBe(1)
    expect(host.list()).toMatchObject([{ state: 'stopped' }])
  })

  it('ends a plugin whose onUnload never does, after five seconds', async () => {
    const { host } = await startHost({ bundled: [plugin(`onUnload: () => new Promise(() => {}),`)] })
    const startedAt = performance.now()
    await host.stop?.()
    expect(performance.now() - startedAt).toBeGreaterThan(4_500)
    expect(host.list()).toMatchObject([{ state: 'stopped' }])
  }, 8_000)

  it('tells onError what failed, and where', async () => {
    const more = `onError(failure) { globalThis.failure = failure },`
    const actions = { fail: `throw new Error('broken')`, seen: 'return globalThis.failure' }
    const { call, refusal } = await startHost({ bundled: [plugin(more, actions)] })
    expect(await refusal('acme.made', 'fail')).toBe('plugin.action-failed')
    await expect
      .poll(() => call('acme.made', 'seen'))
      .toMatchObject({ code: 'plugin.action-failed', where: 'action/fail', message: 'acme.made: broken' })
  })

  it.each([
    ['says so', `{ ok: globalThis.ok ?? false, detail: 'the disk is full' }`, /the disk is full/],
    ['throws', `globalThis.ok ? { ok: true } : await Promise.reject(new Error('lost'))`, /lost/],
    ['answers nonsense', `globalThis.ok ? { ok: true } : 'fine'`, /returned no health/],
  ])('degrades a plugin whose health check %s, until it is well', async (_, health, reason) => {
    const bundled = [
      plugin(`async health() { return ${health} },`, { mend: `globalThis.ok = true; return 'mended'` }),
    ]
    const started = await startHost({ bundled, plugins: { healthIntervalMs: 100 } })
    const { host, call } = started
    await expect.poll(() => host.list()[0]).toMatchObject({ state: 'degraded' })
    expect(host.list()[0]!.reason).toMatch(reason)
    expect(await started.health.check()).toMatchObject({ ok: false, detail: 'acme.made is degraded' })
    expect(await call('acme.made', 'mend')).toBe('mended')
    await expect.poll(() => host.list()[0]!.state).toBe('ready')
    expect(host.list()[0]).not.toHaveProperty('reason')
  })
})
