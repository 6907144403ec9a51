import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { pluginSource, startHost } from './start-host.ts'

const unit = `config: z.object({ unit: z.enum(['c', 'f']).default('c'), size: z.number().default(1) }),`
/** Says which process it is, besides its settings. */
const actions = {
  seen: `return { ...ctx.config, born: (globalThis.born ??= Math.random()), told: globalThis.told }`,
}
const deciding = (how: string) => `${unit}
  async onConfigChange(next, previous, ctx) {
    globalThis.told = [previous.unit, next.unit, ctx.config.unit]
    ${how}
  },`

type Settings = Record<string, Record<string, unknown>>

const open = async (more: string, first: object = {}) => {
  let settings: Settings = { 'acme.made': { ...first } }
  const started = await startHost({
    installed: { made: pluginSource('acme.made', { actions, more }) },
    plugins: { allowUnsigned: true, config: settings },
    rereadSettings: async () => settings,
  })
  const change = (next: Settings) => {
    settings = next
    return started.host.registry.reconfigure()
  }
  const seen = () =>
    started.call('acme.made', 'seen') as Promise<{ unit: string; born: number; told?: readonly string[] }>
  return { ...started, change, seen }
}

describeWith('bubblewrap', 'settings of a plugin that runs', () => {
  it('reach its onConfigChange, which goes on with them in the same process', async () => {
    const { change, seen, audited, events } = await open(deciding(`return 'applied'`))
    const { born } = await seen()
    expect(await change({ 'acme.made': { unit: 'f' } })).toEqual([{ id: 'acme.made', outcome: 'applied' }])
    expect(await seen()).toEqual({ unit: 'f', size: 1, born, told: ['c', 'f', 'f'] })
    expect(audited).toContainEqual(
      expect.objectContaining({ action: 'plugin.configure', target: 'acme.made', outcome: 'allowed' }),
    )
    expect(events).toContainEqual({ type: 'config.changed', payload: { keys: ['plugins.config.acme.made'] } })
    expect(await change({ 'acme.made': { unit: 'f' } })).toEqual([])
  })

  it.each([
    ['asks for it', deciding(`return 'restart'`)],
    ['throws', deciding(`throw new Error('not now')`)],
    ['answers nonsense', deciding(`return true`)],
    ['has none', unit],
  ])('start a new process where its onConfigChange %s', async (_, more) => {
    const { change, seen } = await open(more)
    const { born } = await seen()
    expect(await change({ 'acme.made': { unit: 'f' } })).toEqual([{ id: 'acme.made', outcome: 'restarted' }])
    const after = await seen()
    expect([after.unit, after.told]).toEqual(['f', undefined])
    expect(after.born).not.toBe(born)
  })

  it.each([
    ['with a hook', deciding(`return 'applied'`)],
    ['without one', unit],
  ])('are refused where they do not fit, and it goes on with those before, %s', async (_, more) => {
    const { change, seen, host } = await open(more)
    const { born } = await seen()
    const [refused] = await change({ 'acme.made': { unit: 'kelvin' } })
    expect(refused).toMatchObject({
      outcome: 'refused',
      reason: expect.stringMatching(/acme\.made"\] is wrong.*unit/),
    })
    expect(await seen()).toEqual({ unit: 'c', size: 1, born })
    expect(host.list()).toMatchObject([{ state: 'ready' }])
    expect(await change({ 'acme.made': { unit: 'f' } })).toMatchObject([{ id: 'acme.made' }])
    expect((await seen()).unit).toBe('f')
  })

  it('mend a plugin that was refused for them, and wait for one that is not there', async () => {
    const { change, seen, host } = await open(unit, { unit: 'kelvin' })
    expect(host.list()).toMatchObject([{ state: 'refused' }])
    expect(await change({ 'acme.made': { unit: 'f' }, 'acme.later': { x: 1 } })).toEqual([
      { id: 'acme.later', outcome: 'later' },
      { id: 'acme.made', outcome: 'restarted' },
    ])
    expect((await seen()).unit).toBe('f')
  })

  it('let calls that are under way end with those with which they began', async () => {
    const slow = `${deciding(`return 'applied'`)}
      onLoad() { globalThis.gate = Promise.withResolvers() },`
    const waiting = {
      wait: `await globalThis.gate.promise; return ctx.config.unit`,
      go: `globalThis.gate.resolve()`,
    }
    let settings: Settings = {}
    const { call, host } = await startHost({
      installed: { made: pluginSource('acme.made', { actions: waiting, more: slow }) },
      plugins: { allowUnsigned: true },
      rereadSettings: async () => settings,
    })
    const early = call('acme.made', 'wait')
    settings = { 'acme.made': { unit: 'f' } }
    expect(await host.registry.reconfigure()).toMatchObject([{ outcome: 'applied' }])
    await call('acme.made', 'go')
    expect([await early, await call('acme.made', 'wait')]).toEqual(['c', 'f'])
  })
})
