import type { IncomingMessage } from '@covent/core'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { bundle, pluginSource, startHost } from './start-host.ts'

const parts = {
  start: 'await ctx.kv.set("up", true, { scope: "plugin" }); globalThis.ctx = ctx',
  stop: 'await ctx.kv.set("up", false, { scope: "plugin" })',
  send: '(globalThis.sent ??= []).push(message)',
  connected: 'return globalThis.connected ?? true',
}
const channel = (changed: Partial<typeof parts> = {}) => {
  const { start, stop, send, connected } = { ...parts, ...changed }
  return `permissions: { required: { 'data:database': { reason: 'Keep a value' } } },
    channels: { post: { description: 'A post box', protocol: 'POP3', endpoints: ['post.example'], async start(ctx) { ${start} }, async stop(ctx) { ${stop} },
      async send(message, ctx) { ${send} }, connected(ctx) { ${connected} } } },`
}
const actions = {
  deliver: `return globalThis.ctx.deliver(input).then(() => 'taken', (error) => error.code ?? error.message)`,
  flood: `const all = Array.from({ length: 80 }, (_, n) => globalThis.ctx.deliver({ ...input, text: 'no ' + n }))
    const ends = await Promise.allSettled(all)
    return ends.flatMap((end) => end.reason?.code ?? [])`,
  sent: 'return globalThis.sent ?? []',
  up: 'return ctx.kv.get("up", z.any(), { scope: "plugin" })',
  set: 'globalThis.connected = input',
  crash: 'process.exit(3)',
}
const plugin = (changed?: Partial<typeof parts>) =>
  bundle(
    'post',
    pluginSource('acme.post', { more: channel(changed), actions }).replace("'extension'", "'integration'"),
  )
const message = { conversationId: 'room', principalId: 'bob', text: 'hello' }

const open = async (changed?: Partial<typeof parts>, plugins: object = {}) => {
  const started = await startHost({ bundled: [plugin(changed)], plugins })
  const received: IncomingMessage[] = []
  const opened = started.host.channels.open(async (one) => void received.push(one))
  const send = (text: string) =>
    started.host.channels.send({ plugin: 'acme.post', channel: 'post', conversationId: 'room', text })
  const act = (name: string, input: unknown = {}) => started.call('acme.post', name, input)
  return { ...started, received, opened, send, act }
}

describeWith('bubblewrap', 'a channel', () => {
  it('delivers and sends, with a context that holds until it is closed', async () => {
    const { received, send, act, opened, host, health } = await open()
    await expect.poll(() => act('up')).toBe(true)
    const channels = [{ name: 'post', protocol: 'POP3', endpoints: ['post.example'] }]
    expect(host.list()).toMatchObject([{ channels }])
    expect(await health.check()).toMatchObject({ data: { plugins: [{ channels }] } })
    expect(await act('deliver', { ...message, idempotencyKey: 'k' })).toBe('taken')
    expect(received).toEqual([{ plugin: 'acme.post', channel: 'post', ...message, idempotencyKey: 'k' }])
    await send('hi there')
    expect(await act('sent')).toEqual([{ conversationId: 'room', text: 'hi there' }])
    await opened[Symbol.asyncDispose]()
    expect(await act('up')).toBe(false)
    expect(await act('deliver', message)).toBe('plugin.unavailable')
    await expect(send('late')).rejects.toMatchObject({ code: 'plugin.unavailable' })
  })

  it('is opened again when the plugin has crashed', async () => {
    const { act, send, host } = await open()
    await expect.poll(() => act('up')).toBe(true)
    await act('crash').catch(() => {})
    await expect.poll(() => host.list()[0]!.state, { timeout: 10_000 }).toBe('ready')
    await expect
      .poll(
        () =>
          send('again').then(
            () => 'sent',
            () => 'closed',
          ),
        { timeout: 5_000 },
      )
      .toBe('sent')
  })

  it('is held back where it floods the agent, and told so', async () => {
    const { act, received } = await open()
    await expect.poll(() => act('up')).toBe(true)
    const refusals = (await act('flood', message)) as readonly string[]
    expect(received.length).toBeGreaterThanOrEqual(50)
    expect(received.length).toBeLessThan(80)
    expect(refusals).toContain('plugin.quota-exceeded')
  })

  it('delivers nothing that is no message', async () => {
    const { act, received } = await open()
    await expect.poll(() => act('up')).toBe(true)
    for (const wrong of [
      {},
      { ...message, text: '' },
      { ...message, plugin: 'acme.other' },
      { ...message, principalId: 5 },
    ])
      expect(await act('deliver', wrong)).toBe('plugin.input-invalid')
    expect(received).toEqual([])
  })

  it('is tried again where it does not start, and degrades its plugin meanwhile', async () => {
    const flaky = `globalThis.tries = (globalThis.tries ?? 0) + 1
      if (globalThis.tries < 2) throw new Error('no line')`
    const { send, host } = await open({ start: flaky }, { healthIntervalMs: 100 })
    await expect
      .poll(() => host.list()[0])
      .toMatchObject({ state: 'degraded', reason: 'its channel post does not open' })
    await expect
      .poll(
        () =>
          send('hi').then(
            () => 'sent',
            () => 'closed',
          ),
        { timeout: 10_000 },
      )
      .toBe('sent')
    await expect.poll(() => host.list()[0]!.state).toBe('ready')
  })

  it('degrades its plugin while it is not connected', async () => {
    const { act, host } = await open({}, { healthIntervalMs: 100 })
    await act('set', false)
    await expect.poll(() => host.list()[0]!.reason).toBe('its channel post is not connected')
    await act('set', true)
    await expect.poll(() => host.list()[0]!.state).toBe('ready')
  })

  it('is refused in a plugin of another type', async () => {
    const source = pluginSource('acme.post', { more: channel(), actions })
    const { host } = await startHost({ bundled: [bundle('post', source)] })
    expect(host.list()[0]!.reason).toMatch(/only a plugin of type integration has channels/)
  })
})
