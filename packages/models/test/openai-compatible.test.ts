import { suiteTool } from '@covent/models/testing'
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

describe('what an OpenAI-compatible model sends', () => {
  it('is the conversation, the tools and the wishes, with the key as bearer token', async () => {
    const { model, received } = await provider(wellBehaved)
    const call = { id: 'c1', name: 'get_current_time', input: { city: 'Oslo' } }
    await generate(model({ apiKey: 'sk-1' }), {
      messages: [
        { role: 'system', text: 'Be brief.' },
        { role: 'user', text: 'Time?' },
        { role: 'assistant', text: '', calls: [call] },
        {
          role: 'action',
          callId: 'c1',
          name: 'get_current_time',
          output: 'plugin.timeout: late',
          isError: true,
        },
        { role: 'user', text: 'Again' },
      ],
      tools: [suiteTool],
      stream: true,
      maxTokens: 5,
      temperature: 0.5,
    })
    expect(received[0]!.path).toBe('/v1/chat/completions')
    expect(received[0]!.headers).toMatchObject({
      authorization: 'Bearer sk-1',
      'content-type': 'application/json',
    })
    const written = {
      id: 'c1',
      type: 'function',
      function: { name: 'get_current_time', arguments: '{"city":"Oslo"}' },
    }
    expect(received[0]!.body).toEqual({
      model: 'test-model',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Time?' },
        { role: 'assistant', content: null, tool_calls: [written] },
        { role: 'tool', tool_call_id: 'c1', content: 'Error: plugin.timeout: late' },
        { role: 'user', content: 'Again' },
      ],
      tools: [
        {
          type: 'function',
          function: { name: suiteTool.name, description: suiteTool.description, parameters: suiteTool.input },
        },
      ],
      max_tokens: 5,
      temperature: 0.5,
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  it('goes over kept connections, streamed or not', async () => {
    const { model, received } = await provider(wellBehaved)
    const one = model()
    for (const stream of [false, true, true, false, true]) {
      await generate(one, { messages: [{ role: 'user', text: 'hi' }], stream })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(new Set(received.map(({ socket }) => socket)).size).toBe(1)
  })

  it('is sent once more where a kept connection was closed as it was taken again', async () => {
    let drop = false
    const { model, received } = await provider((response, one) => {
      if (drop) {
        drop = false
        one.socket.resetAndDestroy()
      } else wellBehaved(response, one)
    })
    const kept = model()
    const hi = { messages: [{ role: 'user', text: 'hi' }] } as const
    await generate(kept, hi)
    await new Promise((resolve) => setTimeout(resolve, 5))
    drop = true
    expect((await generate(kept, hi)).text).toBe('Hello from the provider.')
    expect(received).toHaveLength(3)
  })
})

describe('what an OpenAI-compatible model understands', () => {
  it('is usage and length, whole and streamed', async () => {
    const usage = { prompt_tokens: 11, completion_tokens: 2 }
    const { model } = await provider((response, { body }) => {
      if (body.stream === true)
        sse(response, chunk({ content: 'cut' }, 'length'), { choices: [], usage }, '[DONE]').end()
      else json(response, { choices: [{ message: { content: 'cut' }, finish_reason: 'length' }], usage })
    })
    for (const stream of [false, true])
      expect((await generate(model(), { stream })).events).toEqual([
        { kind: 'text', text: 'cut' },
        { kind: 'end', reason: 'length', usage: { inputTokens: 11, outputTokens: 2 } },
      ])
  })

  it('is several streamed calls whose pieces come mixed', async () => {
    const piece = (index: number, written: string, more: object = {}) =>
      chunk({
        tool_calls: [
          { index, ...more, function: { ...(more as { function?: object }).function, arguments: written } },
        ],
      })
    const { model } = await provider((response) => {
      sse(
        response,
        piece(0, '{"a"', { id: 'x', function: { name: 'first' } }),
        piece(1, '', { id: 'y', function: { name: 'second' } }),
      )
      sse(response, piece(0, ':1}'), piece(1, '{"b":2}'), chunk({}, 'tool_calls'), '[DONE]').end()
    })
    expect((await generate(model(), { stream: true })).calls).toEqual([
      { id: 'x', name: 'first', input: { a: 1 } },
      { id: 'y', name: 'second', input: { b: 2 } },
    ])
  })

  it('is a stream cut anywhere, also within a character', async () => {
    const whole = Buffer.from(
      `data: ${JSON.stringify(chunk({ content: 'æøå €' }))}\n\ndata: ${JSON.stringify(chunk({}, 'stop'))}\n\ndata: [DONE]\n\n`,
    )
    const { model } = await provider((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const send = (at: number): void => {
        if (at >= whole.length) return void response.end()
        response.write(whole.subarray(at, at + 7), () => setImmediate(send, at + 7))
      }
      send(0)
    })
    expect((await generate(model(), { stream: true })).text).toBe('æøå €')
  })

  it('is the end of a stream that stays open after it', async () => {
    const { model } = await provider(
      (response) => void sse(response, chunk({ content: 'ok' }, 'stop'), '[DONE]'),
    )
    expect((await generate(model(), { stream: true })).text).toBe('ok')
  })

  it('is an answer in one piece to a request for a stream', async () => {
    const { model } = await provider((response) =>
      json(response, { choices: [{ message: { content: 'all' }, finish_reason: 'stop' }] }),
    )
    expect((await generate(model(), { stream: true })).text).toBe('all')
  })

  it('is arguments that are no JSON, handed on as they are', async () => {
    const made = { id: 'x', function: { name: 'act', arguments: '{broken' } }
    const { model } = await provider((response) =>
      json(response, { choices: [{ message: { content: null, tool_calls: [made] } }] }),
    )
    expect((await generate(model(), {})).calls).toEqual([{ id: 'x', name: 'act', input: '{broken' }])
  })
})
