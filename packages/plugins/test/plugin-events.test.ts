import { describeWith } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { bundle, pluginSource, startHost } from './start-host.ts'

const memory = `permissions: { required: { 'data:memory': { access: 'read', reason: 'Read along' } } },`
const listening = `on: { async 'agent.message.received'(event, ctx) { (globalThis.seen ??= []).push(event) } },`
const plugin = (more: string, actions: Readonly<Record<string, string>> = {}) =>
  bundle(
    'made',
    pluginSource('acme.made', { more, actions: { seen: 'return globalThis.seen ?? []', ...actions } }),
  )
const message = (text: string) => ({
  messageId: 'msg_1',
  turnId: 'turn_1',
  conversationId: 'conv_1',
  principalId: 'anna',
  text,
})
const emits = `emits: { 'flood.detected': z.object({ count: z.number() }) },`

describeWith('bubblewrap', 'events of plugins', () => {
  it('delivers those that the manifest names, in order, without ids or texts', async () => {
    const { call, bus } = await startHost({ bundled: [plugin(listening)] })
    for (let n = 0; n < 20; n++) bus.emit('agent.message.received', message(`secret ${n}`))
    bus.emit('agent.message.sent', message('not asked for'))
    await expect.poll(() => call('acme.made', 'seen')).toHaveLength(20)
    const seen = (await call('acme.made', 'seen')) as readonly { text: string; principalId: string }[]
    expect(seen.every(({ text }) => text === '')).toBe(true)
    expect(JSON.stringify(seen)).not.toMatch(/anna|msg_1|turn_1|conv_1|secret/)
    const { principalId } = seen[0]!
    const who = await startHost({ bundled: [plugin('', { who: 'return ctx.call.principalId' })] })
    expect(await who.call('acme.made', 'who')).toBe(principalId)
  })

  it('shows texts where messages may be read, in order', async () => {
    const { call, bus } = await startHost({ bundled: [plugin(memory + listening)] })
    for (const text of ['a', 'b', 'c']) bus.emit('agent.message.received', message(text))
    await expect
      .poll(() => call('acme.made', 'seen'))
      .toMatchObject([{ text: 'a' }, { text: 'b' }, { text: 'c' }])
  })

  it('goes on after a handler that fails, and stops with the plugin', async () => {
    const failing = `on: { async 'agent.message.received'(event) {
      (globalThis.seen ??= []).push(1); if (globalThis.seen.length === 1) throw new Error('no') } },`
    const { host, call, bus } = await startHost({ bundled: [plugin(failing)] })
    bus.emit('agent.message.received', message('a'))
    bus.emit('agent.message.received', message('b'))
    await expect.poll(() => call('acme.made', 'seen')).toEqual([1, 1])
    await host.stop?.()
    expect(() => bus.emit('agent.message.received', message('c'))).not.toThrow()
  })

  it('puts what a plugin emits on the bus, under its name', async () => {
    const actions = { tell: `ctx.emit('flood.detected', { count: input.n }); return 'told'` }
    const { call, events } = await startHost({ bundled: [plugin(emits, actions)] })
    await call('acme.made', 'tell', { n: 3 })
    await expect
      .poll(() => events.at(-1))
      .toEqual({
        type: 'plugin.event',
        payload: { plugin: 'acme.made', name: 'flood.detected', payload: { count: 3 } },
      })
  })

  it('refuses to emit what is not declared or does not fit', async () => {
    const actions = { wrong: `ctx.emit('flood.detected', { count: 'x' })`, other: `ctx.emit('x.y', {})` }
    const { refusal, events } = await startHost({ bundled: [plugin(emits, actions)] })
    expect(await refusal('acme.made', 'wrong')).toBe('plugin.action-failed')
    expect(await refusal('acme.made', 'other')).toBe('plugin.action-failed')
    expect(events.filter(({ type }) => type === 'plugin.event')).toEqual([])
  })

  it('checks on the host what a plugin emits around its own check', async () => {
    // The guest's check is the plugin's own process: here it lies, and the host still holds the manifest's schema.
    const actions = {
      lie: `const fits = z.object({ count: z.number() })
        globalThis.schema._zod.run = (payload) => payload
        globalThis.schema.safeParse = () => ({ success: true, data: { count: 'many' } })
        ctx.emit('flood.detected', {}); await new Promise((done) => setTimeout(done, 100)); return 'lied'`,
    }
    const source = pluginSource('acme.made', {
      more: `emits: { 'flood.detected': globalThis.schema },`,
      actions,
    })
    const lying = source.replace(
      'export default',
      'globalThis.schema = z.object({ count: z.number() })\nexport default',
    )
    const { call, events } = await startHost({ bundled: [bundle('made', lying)] })
    expect(await call('acme.made', 'lie')).toBe('lied')
    expect(events.filter(({ type }) => type === 'plugin.event')).toEqual([])
  })

  describe('refuses a plugin', () => {
    it.each([
      ['that hears an event of plugins', `on: { 'plugin.event'() {} },`],
      ['that hears what is no event', `on: { 'toString'() {} },`],
      ['that hears of security and is no system plugin', `on: { 'security.auth.failed'() {} },`],
    ])('%s', async (_, more) => {
      const { host } = await startHost({ bundled: [plugin(more)] })
      expect(host.list()).toMatchObject([{ state: 'refused' }])
    })
  })
})
