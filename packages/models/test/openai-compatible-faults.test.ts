import { fakeClock } from '@covent/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { generate } from './support/conversation.ts'
import {
  chunk,
  type Handler,
  json,
  type Provider,
  sse,
  startProvider,
  wellBehaved,
} from './support/provider.ts'

const provider = async (handler: Handler): Promise<Provider> => {
  const started = await startProvider(handler)
  onTestFinished(started.close)
  return started
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}

describe('what goes wrong at a provider', () => {
  it.each([
    [400, 'model.refused'],
    [401, 'model.refused'],
    [403, 'model.refused'],
    [404, 'model.not-found'],
    [302, 'model.refused'],
    [429, 'model.unavailable'],
    [500, 'model.unavailable'],
    [503, 'model.unavailable'],
  ])('status %i is %s, named with its provider and without the key', async (status, code) => {
    let paths = 0
    const { model } = await provider((response) => {
      paths++
      response.writeHead(status, { location: '/elsewhere' })
      response.end(
        JSON.stringify({ error: { message: `bad\n\u001b[31m key sk-secret-1 ${'x'.repeat(5000)}` } }),
      )
    })
    const error = await generate(model({ apiKey: 'sk-secret-1' }), {}).catch((one: Error) => one)
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(`local answered with status ${status}: bad`),
    })
    const { message } = error as Error
    expect(message).not.toMatch(/sk-secret|\p{C}/u)
    expect(message.length).toBeLessThan(400)
    expect(paths).toBe(1)
  })

  it('a refused connection is unavailable', async () => {
    const closed = await startProvider(wellBehaved)
    await closed.close()
    await expect(generate(closed.model(), {})).rejects.toMatchObject({
      code: 'model.unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it.each<[string, Handler]>([
    ['before the answer', (response) => void response.socket!.resetAndDestroy()],
    [
      'in the middle',
      (response) =>
        void sse(response, chunk({ content: 'half' })).socket!.write('', () =>
          setTimeout(() => response.socket!.resetAndDestroy(), 5),
        ),
    ],
  ])('a reset %s is unavailable', async (_when, handler) => {
    const { model } = await provider(handler)
    await expect(generate(model(), { stream: true })).rejects.toMatchObject({ code: 'model.unavailable' })
  })

  it.each<[string, Handler]>([
    ['before the first byte', () => undefined],
    [
      'after the head',
      (response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
    ],
    ['between two pieces', (response) => void sse(response, chunk({ content: 'one' }))],
  ])('silence %s is a timeout', async (_when, handler) => {
    const { model, sockets } = await provider(handler)
    await expect(generate(model({ timeoutMs: 50 }), { stream: true })).rejects.toMatchObject({
      code: 'model.timeout',
    })
    await until(() => sockets.size === 0)
  })

  it('a stream that drips without end is cut by its whole time', async () => {
    const clock = fakeClock()
    const { model, sockets } = await provider((response) => {
      const drip = (): void => {
        sse(response, chunk({ content: '.' }))
        if (!response.destroyed) void clock.advance(1000).then(() => setImmediate(drip))
      }
      drip()
    })
    const answer = generate(model({ clock }), { stream: true })
    await expect(answer).rejects.toMatchObject({ code: 'model.timeout' })
    expect(clock.monotonic()).toBeGreaterThan(20 * 2000)
    await until(() => sockets.size === 0)
  })

  it.each<[string, Handler]>([
    ['HTML', (response) => void response.end('<html>hello</html>')],
    ['a list', (response) => json(response, [1])],
    ['no choices', (response) => json(response, { choices: [] })],
    ['choices of a wrong kind', (response) => json(response, { choices: 'x' })],
    [
      'a call without a name',
      (response) => json(response, { choices: [{ message: { tool_calls: [{ function: {} }] } }] }),
    ],
    ['events that are no JSON', (response) => void sse(response, 'nonsense').end()],
    ['a stream that ends early', (response) => void sse(response, chunk({ content: 'half' })).end()],
    [
      'a streamed call without a name',
      (response) => void sse(response, chunk({ tool_calls: [{ index: 0 }] }, 'tool_calls'), '[DONE]').end(),
    ],
    [
      'calls without number',
      (response) =>
        void sse(
          response,
          chunk({ tool_calls: Array.from({ length: 200 }, (_, index) => ({ index })) }),
        ).end(),
    ],
  ])('%s is a protocol error', async (_what, handler) => {
    const { model } = await provider(handler)
    await expect(generate(model(), { stream: true })).rejects.toMatchObject({ code: 'model.protocol' })
  })

  it.each<[string, string, string]>([
    ['a body', 'application/json', 'x'.repeat(65_536)],
    ['one event', 'text/event-stream', 'data: x'.padEnd(65_536, 'x')],
    [
      'many events',
      'text/event-stream',
      `data: ${JSON.stringify(chunk({ content: 'x'.repeat(60_000) }))}\n\n`,
    ],
  ])('a flood of %s is cut, and its connection closed', async (_what, type, flood) => {
    let sent = 0
    const { model, sockets } = await provider((response) => {
      response.writeHead(200, { 'content-type': type })
      const pour = (): void => {
        while (!response.destroyed && response.write(flood)) sent += flood.length
        sent += flood.length
      }
      response.on('drain', pour)
      pour()
    })
    await expect(generate(model(), { stream: true })).rejects.toMatchObject({ code: 'model.protocol' })
    await until(() => sockets.size === 0)
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })

  it('an error said with status 200, whole or in a stream, is unavailable', async () => {
    const error = { error: { message: 'overloaded' } }
    const { model } = await provider((response, { body }) =>
      body.stream === true ? void sse(response, error).end() : json(response, error),
    )
    for (const stream of [false, true])
      await expect(generate(model(), { stream })).rejects.toMatchObject({
        code: 'model.unavailable',
        message: expect.stringContaining('overloaded'),
      })
  })
})

describe('an abort', () => {
  it.each<[string, Handler]>([
    ['before the answer', () => undefined],
    ['in the middle', (response) => void sse(response, chunk({ content: 'one' }))],
  ])('%s closes the socket and throws its reason', async (_when, handler) => {
    const { model, received, sockets } = await provider(handler)
    const abort = new AbortController()
    const answer = generate(model(), { stream: true }, abort.signal)
    answer.catch(() => undefined)
    await until(() => received.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 10))
    abort.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
    await until(() => sockets.size === 0)
  })

  it('leaves no listener behind on a signal that lives on', async () => {
    const { model } = await provider(wellBehaved)
    let listeners = 0
    const { signal } = new AbortController()
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args))
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args))
    for (const stream of [false, true])
      await generate(model(), { stream, messages: [{ role: 'user', text: 'hi' }] }, signal)
    expect(listeners).toBe(0)
  })
})
