import { silentLogger } from '@covent/core'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { skippingClock } from '../src/testing/skipping-clock.ts'
import { bundle, pluginSource, startHost } from './start-host.ts'

const turn = {
  turnId: 'turn_1',
  conversationId: 'conv_1',
  principalId: 'anna',
  character: 'default',
  text: 'hi',
}
const options = () => ({ signal: new AbortController().signal })
const memory = (access: string) =>
  `permissions: { required: { 'data:memory': { access: '${access}', reason: 'Read along' } } },`
const plugin = (name: string, more: string, actions = {}) =>
  bundle(name, pluginSource(`acme.${name}`, { more, actions }))
const provider = (body: string, more = '') =>
  `providers: { now: { ${more} async get(turn, ctx) { ${body} } } },`

describeWith('bubblewrap', 'what plugins add to turns', () => {
  it('asks all providers, and orders what they say by their plugins’ ids, whichever started first', async () => {
    const bundled = [
      plugin('zone', provider(`return { text: 'last' }`)),
      plugin('one', provider(`return { text: 'first' }`)),
      plugin(
        'two',
        `config: z.object({ x: z.number().default(7) }), ${provider(`return { text: 'second ' + ctx.config.x }`)}`,
      ),
      plugin('none', provider(`return undefined`)),
    ]
    const { host } = await startHost({ bundled })
    expect(await host.provide(turn, options())).toEqual([
      { plugin: 'acme.one', provider: 'now', text: 'first' },
      { plugin: 'acme.two', provider: 'now', text: 'second 7' },
      { plugin: 'acme.zone', provider: 'now', text: 'last' },
    ])
  })

  it('loses only its deadline to one that fails or answers nonsense, and pauses one that hangs', async () => {
    const bundled = [
      plugin('hanging', provider(`return new Promise(() => {})`, 'timeoutMs: 300,')),
      plugin('failing', provider(`throw new Error('no')`)),
      plugin('odd', provider(`return { text: 5 }`)),
      plugin('fine', provider(`return { text: 'x'.repeat(9_000) }`)),
    ]
    const { host } = await startHost({ bundled })
    for (let n = 0; n < 3; n++) {
      const provided = await host.provide(turn, options())
      expect(provided.map(({ plugin, text }) => [plugin, text.length])).toEqual([['acme.fine', 8_000]])
    }
    const states = host.list().map(({ id, state }) => [id, state])
    expect(states).toContainEqual(['acme.hanging', 'degraded'])
    expect(states.filter(([, state]) => state === 'ready')).toHaveLength(3)
  })

  it('keeps a text for its person and conversation, and asks again for what is old, empty or failed', async () => {
    const clock = skippingClock()
    const cached = 'cacheMs: 60_000,'
    const count = `globalThis.n = (globalThis.n ?? 0) + 1;`
    const bundled = [
      plugin('kept', provider(`${count} return { text: 'n' + globalThis.n }`, cached)),
      plugin('empty', provider(`${count} return globalThis.n < 3 ? undefined : { text: 'third' }`, cached)),
      plugin(
        'failing',
        provider(`${count} if (globalThis.n < 2) throw new Error('no'); return { text: 'second' }`, cached),
      ),
    ]
    const { host } = await startHost({ bundled, clock })
    const said = async (differing: object = {}) =>
      (await host.provide({ ...turn, ...differing }, options())).map(({ text }) => text)
    expect(await said()).toEqual(['n1'])
    expect(await said({ text: 'else' })).toEqual(['second', 'n1'])
    expect(await said()).toEqual(['third', 'second', 'n1'])
    expect((await said({ principalId: 'ben' })).at(-1)).toBe('n2')
    expect((await said({ conversationId: 'conv_2' })).at(-1)).toBe('n3')
    expect((await said({ character: 'other' })).at(-1)).toBe('n4')
    expect((await said()).at(-1)).toBe('n1')
    expect(await host.monitor.stats('acme.kept')).toMatchObject({ cache: { hits: 3, misses: 4 } })
    await clock.advance(60_000)
    expect((await said()).at(-1)).toBe('n5')
  })

  it('shows texts only to those who may read messages, and no id to anyone', async () => {
    const echo = provider(`return { text: JSON.stringify(turn) }`)
    const bundled = [
      plugin('blind', echo),
      plugin('writer', memory('write') + echo),
      plugin('reader', memory('read') + echo),
    ]
    const { host } = await startHost({ bundled })
    const seen = (await host.provide(turn, options())).map(({ text }) => JSON.parse(text) as typeof turn)
    expect(seen.map(({ text }) => text)).toEqual(['', 'hi', ''])
    expect(JSON.stringify(seen)).not.toMatch(/anna|conv_1|turn_1/)
    expect(new Set(seen.map(({ principalId }) => principalId)).size).toBe(3)
  })

  it('calls evaluators for the turns that they want', async () => {
    const more = `${memory('read')} evaluators: {
      some: {
        when: async (turn) => turn.text !== 'no',
        async evaluate(turn) { globalThis.seen = [...(globalThis.seen ?? []), turn.text] },
      },
      broken: { when() { throw new Error('no') }, async evaluate() { globalThis.seen = ['never'] } },
    },`
    const { host, call } = await startHost({
      bundled: [plugin('picky', more, { seen: 'return globalThis.seen' })],
    })
    for (const text of ['one', 'no', 'two']) await host.evaluate({ ...turn, text, reply: 'x' })
    expect(await call('acme.picky', 'seen')).toEqual(['one', 'two'])
  })

  it('shows an answered turn to evaluators, and keeps their failures to itself', async () => {
    const more = `${memory('read')} evaluators: {
      broken: { async evaluate() { throw new Error('no') } },
      note: { async evaluate(turn) { globalThis.seen = turn.text + ' → ' + turn.reply } },
    },`
    const bundled = [plugin('judge', more, { seen: 'return globalThis.seen' })]
    const { host, call } = await startHost({ bundled })
    await host.evaluate({ ...turn, reply: 'hello' })
    expect(await call('acme.judge', 'seen')).toBe('hi → hello')
  })

  it('offers the actions that say that they apply, and asks again before one runs', async () => {
    // Ends the body of `run`, and begins that of `available`.
    const when = (body: string) => `return 'ran' }, available(ctx) { ${body}`
    const actions = {
      always: `return 'ran'`,
      once: when(`globalThis.n = (globalThis.n ?? 0) + 1; return globalThis.n === 1`),
      friendly: when(
        `globalThis.first ??= ctx.call.principalId; return globalThis.first === ctx.call.principalId`,
      ),
      never: when(`return false`),
      odd: when(`return 'yes'`),
      failing: when(`throw new Error('no idea')`),
      hanging: when(`return new Promise(() => {})`),
    }
    const warned: unknown[] = []
    const logger = { ...silentLogger, warn: (_message: string, fields?: object) => warned.push(fields) }
    const { host, call, refusal } = await startHost({ bundled: [plugin('choosy', '', actions)], logger })
    const names = async (differing: object = {}) =>
      (await host.offered({ ...turn, ...differing }, options())).map(({ name }) => name)
    expect(host.actions()).toHaveLength(7)
    expect(await names()).toEqual(['always', 'once', 'friendly'])
    expect(await names({ principalId: 'ben' })).toEqual(['always'])
    expect(await call('acme.choosy', 'always')).toBe('ran')
    expect(await call('acme.choosy', 'friendly', {}, { principalId: 'anna' })).toBe('ran')
    await expect(call('acme.choosy', 'once')).rejects.toThrow('acme.choosy once does not apply here now')
    expect(await refusal('acme.choosy', 'failing')).toBe('plugin.not-applicable')
    expect(warned).toContainEqual(
      expect.objectContaining({ where: 'available/failing', reason: expect.stringContaining('no idea') }),
    )
  })
})
