import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { bundle, startHost } from './start-host.ts'

/** As the classic guides show it: one action, a provider, an evaluator. */
const greeter = () =>
  bundle(
    'greeter',
    `import { fromEliza } from '@covent/plugin-sdk/eliza'
  const helloWorld = {
    name: 'HELLO_WORLD',
    similes: ['GREET', 'SAY_HELLO'],
    description: 'Greets the person.',
    validate: async (runtime, message) => !message.content.text.includes('silence'),
    handler: async (runtime, message, state, options, callback) => {
      if (message.content.text.includes('fail')) return false
      await callback({ text: 'Hello, ' + (runtime.getSetting('NAME') ?? 'world') + '!' })
      return true
    },
    examples: [[{ name: '{{user1}}', content: { text: 'Say hello' } }, { name: 'agent', content: { text: 'Hello!' } }]],
  }
  const timeProvider = { name: 'TIME', get: async (runtime, message) => 'It is noon.' }
  const seen = { name: 'SEEN', description: 'Remembers', validate: async () => true,
    handler: async (runtime, message) => { globalThis.seen = message.userId } }
  const recall = { name: 'RECALL', description: 'Recalls.', handler: async () => ({ text: globalThis.seen }) }
  const odd = { name: 'ODD', description: 'Wants more.', handler: async (runtime) => runtime.databaseAdapter.query() }
  export default fromEliza(
    { name: 'greeter', description: 'Greets whoever asks.', actions: [helloWorld, recall, odd], providers: [timeProvider], evaluators: [seen] },
    { id: 'acme.greeter', version: '1.0.0' })`,
  )
/** With services of both shapes, values, and the life of the plugin. */
const counter = () =>
  bundle(
    'counter',
    `import { fromEliza } from '@covent/plugin-sdk/eliza'
  class Counting {
    static serviceType = 'counting'
    static async start(runtime) { const it = new Counting(); it.step = Number(runtime.getSetting('STEP') ?? 1); return it }
    async next(runtime) {
      const value = ((await runtime.cacheManager.get('n')) ?? 0) + this.step
      await runtime.cacheManager.set('n', value)
      return value
    }
    async stop() {}
  }
  class Old { serviceType = 'old'; async initialize() { this.ready = globalThis.began } }
  export default fromEliza(
    { name: 'counter', description: 'Counts for each person.',
      initialize: async () => { globalThis.began = true },
      services: [Counting, new Old()],
      actions: [{ name: 'COUNT', description: 'Counts on.',
        handler: async (runtime, message, state, options, callback) => {
          if (!runtime.getService('old').ready) throw new Error('not ready')
          const n = await runtime.getService('counting').next(runtime)
          callback({ text: 'Now ' + n })
        } }] },
    { id: 'acme.counter', version: '1.0.0',
      permissions: { required: { 'data:database': { reason: 'Keep the count' } } } })`,
  )
const turn = { turnId: 'turn_1', principalId: 'anna', character: 'default', text: 'hi' }

describeWith('bubblewrap', 'plugins of the classic shape', () => {
  it('act, provide and evaluate', async () => {
    const plugins = { config: { 'acme.greeter': { NAME: 'Ada' } } }
    const { host, call } = await startHost({ bundled: [greeter()], plugins })
    expect(host.list()).toMatchObject([{ id: 'acme.greeter', state: 'ready', grants: [] }])
    const [hello] = host.actions()
    expect(hello).toMatchObject({ name: 'hello_world', effect: 'write' })
    expect(hello!.aliases).toEqual(['hello world', 'greet', 'say hello'])
    expect(hello!.examples).toEqual([{ user: 'Say hello', input: { text: 'Say hello' } }])
    expect(await call('acme.greeter', 'hello_world', { text: 'hi' })).toEqual({ text: 'Hello, Ada!' })
    const signal = new AbortController().signal
    expect(await host.provide(turn, { signal })).toEqual([
      { plugin: 'acme.greeter', provider: 'time', text: 'It is noon.' },
    ])
    await host.evaluate({ ...turn, reply: 'Yes' })
    const { text } = (await call('acme.greeter', 'recall', { text: '' })) as { readonly text: string }
    expect(text).toMatch(/^[\w-]{22}$/)
  })

  it('fail where they do not apply, say no, or want what is not offered', async () => {
    const { call } = await startHost({ bundled: [greeter()] })
    const say = (text: string) => call('acme.greeter', 'hello_world', { text })
    await expect(say('silence')).rejects.toThrow(/HELLO_WORLD does not apply here/)
    await expect(say('fail')).rejects.toThrow(/HELLO_WORLD could not be done/)
    await expect(call('acme.greeter', 'odd', { text: '' })).rejects.toThrow(
      /runtime\.databaseAdapter is not offered/,
    )
  })

  it('have their services and their values, each person apart', async () => {
    const plugins = { config: { 'acme.counter': { STEP: 2 } } }
    const { call } = await startHost({ bundled: [counter()], plugins })
    const count = (principalId: string) => call('acme.counter', 'count', { text: 'on' }, { principalId })
    expect(await count('anna')).toEqual({ text: 'Now 2' })
    expect(await count('anna')).toEqual({ text: 'Now 4' })
    expect(await count('ben')).toEqual({ text: 'Now 2' })
  })
})
