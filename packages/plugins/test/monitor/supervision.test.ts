import { type PluginAlert, type PluginStats } from '@covent/core'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { bundle, pluginSource, type Started, startHost, type StartOptions } from '../start-host.ts'
import { hasty } from './hasty.ts'

const id = 'acme.made'
const start = (actions: Readonly<Record<string, string>>, more = '', options: StartOptions = {}) =>
  startHost({
    bundled: [bundle('made', pluginSource(id, { more, actions }))],
    clock: hasty().clock,
    ...options,
  })

const until = (started: Started, expected: object) =>
  expect.poll(() => started.host.monitor.stats(id), { timeout: 15_000, interval: 50 }).toMatchObject(expected)

const alertsOf = ({ events }: Started, alert: PluginAlert): readonly string[] =>
  events.flatMap(({ type, payload }) =>
    type.startsWith('plugin.alert') && 'alert' in payload && payload.alert === alert ? [type] : [],
  )

const kill = `process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})`

describeWith('bubblewrap', 'what is seen of a plugin', () => {
  it('that crashes: its crash, its last words, and its restart', async () => {
    const started = await start({ crash: `console.error('so it ends'); ${kill}` })
    expect(await started.refusal(id, 'crash')).toBe('plugin.crashed')
    const lastError = { code: 'plugin.crashed', message: expect.stringMatching(/so it ends/) as string }
    await until(started, { state: 'ready', starts: 2, crashes: 1, instances: 1, lastError })
    const said = started.host.monitor.logs(id).map(({ message }) => message)
    expect(said).toContain('plugin failed')
  }, 20_000)

  it('that hangs while nobody calls it: that it was killed for it, and its restart', async () => {
    const started = await start({ hang: `setTimeout(() => { for (;;) {} }, 10)` })
    await started.call(id, 'hang')
    const message = expect.stringMatching(/missed 3 heartbeats/) as string
    await until(started, { state: 'ready', starts: 2, crashes: 1, lastError: { message } })
  }, 20_000)

  it('that leaks: one alert at four fifths of its memory, and its end with the process', async () => {
    const more = `limits: { memoryMb: 128 },`
    const started = await start({ leak: `globalThis.kept = Buffer.alloc(input, 1)`, kill }, more)
    const limitBytes = (80 + 128) * 1_048_576
    const { usage } = await started.host.monitor.stats(id)
    await started.call(id, 'leak', Math.round(limitBytes * 0.87) - usage!.rssBytes)
    await expect.poll(() => alertsOf(started, 'memory'), { timeout: 10_000 }).toEqual(['plugin.alert'])
    const { alerts }: PluginStats = await started.host.monitor.stats(id)
    expect(alerts).toMatchObject([{ alert: 'memory', threshold: limitBytes * 0.8 }])
    await started.refusal(id, 'kill')
    await expect
      .poll(() => alertsOf(started, 'memory'), { timeout: 10_000 })
      .toEqual(['plugin.alert', 'plugin.alert-cleared'])
  }, 30_000)

  it('that asks again and again for what it may not have: the count, and one alert', async () => {
    const more = `permissions: { required: { 'data:database': { reason: 'Keep a value' } } },`
    const ask = `for (let n = 0; n < 30; n++) await ctx.kv.get('k', z.any()).catch(() => {})`
    const installed = { made: pluginSource(id, { more, actions: { ask } }) }
    const started = await start({}, '', { bundled: [], installed, plugins: { allowUnsigned: true } })
    await started.call(id, 'ask')
    await until(started, { state: 'ready', denied: 30 })
    await expect.poll(() => alertsOf(started, 'denials'), { timeout: 10_000 }).toEqual(['plugin.alert'])
  }, 20_000)

  it('that is flooded with events: what waits, what it lost, and what it handled', async () => {
    const started = await start({}, `on: { async 'config.changed'() {} },`)
    for (let n = 0; n < 300; n++) started.bus.emit('config.changed', { keys: [] })
    await until(started, {
      events: { handled: 256, lost: 44, waiting: 0 },
      parts: { 'event/config.changed': { calls: 256 } },
    })
  }, 20_000)

  it('that floods the log: a few hundred lines, and none of another', async () => {
    const flood = `for (let n = 0; n < 5_000; n++) ctx.log.info('flood ' + n)`
    const quiet = bundle('quiet', pluginSource('acme.quiet', { actions: { say: `ctx.log.info('one')` } }))
    const made = bundle('made', pluginSource(id, { actions: { flood } }))
    const started = await start({}, '', { bundled: [made, quiet] })
    await Promise.all([started.refusal(id, 'flood'), started.call('acme.quiet', 'say')])
    const lines = started.host.monitor.logs(id)
    expect(lines.length).toBeGreaterThan(100)
    expect(lines.length).toBeLessThanOrEqual(500)
    expect(started.host.monitor.logs('acme.quiet').map(({ message }) => message)).toEqual(['one'])
  }, 20_000)
})
