import { expect, it } from 'vitest'
import { readEvents } from '../src/client/read-events.ts'
import { type TestServer, testServer } from './support/server.ts'
import { all } from './support/all.ts'

const path = '/v1/chat/completions'
const user = (content: unknown) => [{ role: 'user', content }]

interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly content?: string }
    readonly finish_reason: string | null
  }[]
  readonly usage?: object | null
  readonly covent?: { readonly action: object }
  readonly error?: object
}

const ask = (server: TestServer, body: object, init?: RequestInit) =>
  server.post(path, { model: 'covent/ada', messages: user('hello'), ...body }, init)

const framesOf = async (answer: Response): Promise<string[]> =>
  (await all(readEvents(answer))).map(({ data }) => data)

const chunksOf = (frames: readonly string[]): Chunk[] =>
  frames.filter((frame) => frame !== '[DONE]').map((frame) => JSON.parse(frame) as Chunk)

it('answers whole, in the shape of OpenAI', async () => {
  const server = await testServer()
  const body = await (await ask(server, { messages: user('act') })).json()
  expect(body).toMatchObject({
    id: expect.stringMatching(/^chatcmpl/),
    object: 'chat.completion',
    model: 'covent/ada',
    choices: [{ index: 0, message: { role: 'assistant', content: 'You said: act' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    covent: { actions: [{ state: 'started' }, { state: 'completed', output: { time: '12:00' } }] },
  })
})

it('streams chunks that end with [DONE], with usage only where it was asked for', async () => {
  const server = await testServer()
  const frames = await framesOf(await ask(server, { stream: true }))
  expect(frames.at(-1)).toBe('[DONE]')
  const chunks = chunksOf(frames)
  expect(chunks.map(({ choices }) => choices[0]!.delta.content ?? '').join('')).toBe('You said: hello')
  expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('stop')
  expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false)
  const counted = chunksOf(
    await framesOf(await ask(server, { stream: true, stream_options: { include_usage: true } })),
  )
  expect(counted.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 7 } })
  expect(counted.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
})

it('shows actions in chunks whose delta is empty', async () => {
  const server = await testServer()
  const chunks = chunksOf(await framesOf(await ask(server, { stream: true, messages: user('act') })))
  const actions = chunks.filter(({ covent }) => covent !== undefined)
  expect(actions.map(({ covent }) => covent!.action)).toMatchObject([
    { state: 'started' },
    { state: 'completed' },
  ])
  expect(actions.every(({ choices }) => Object.keys(choices[0]!.delta).length === 0)).toBe(true)
})

it('takes every role and text in parts', async () => {
  const server = await testServer()
  const call = { id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }
  const answered = await ask(server, {
    messages: [
      { role: 'developer', content: 'be brief' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'one ' },
          { type: 'text', text: 'two' },
        ],
      },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: '2' },
      { role: 'user', content: 'thanks' },
    ],
    seed: 1,
    top_p: 0.5,
    n: 1,
    stop: null,
    tools: [],
    max_completion_tokens: 100,
    metadata: { a: 'b' },
  })
  expect(answered.status).toBe(200)
  const orphan = await ask(server, { messages: [{ role: 'tool', tool_call_id: 'c2', content: '2' }] })
  expect(await orphan.json()).toMatchObject({ error: { param: 'messages.0.tool_call_id' } })
})

it.each([
  ['no messages', { messages: [] }, 'messages'],
  ['three thousand messages', { messages: Array.from({ length: 3000 }, () => 0) }, 'messages'],
  ['an image', { messages: user([{ type: 'image_url', image_url: { url: 'x' } }]) }, 'messages.0.content'],
  ['an unknown role', { messages: [{ role: 'function', content: 'x' }] }, 'messages.0.role'],
  ['tools of the client', { tools: [{ type: 'function' }] }, 'tools'],
  ['two choices', { n: 2 }, 'n'],
  ['stop words', { stop: ['x'] }, 'stop'],
  ['a JSON answer', { response_format: { type: 'json_object' } }, 'response_format.type'],
  ['a wrong temperature', { temperature: 3 }, 'temperature'],
])('refuses %s and names the parameter', async (_what, body, param) => {
  const server = await testServer()
  const answer = await ask(server, body)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({
    error: { type: 'invalid_request_error', code: 'validation.failed', param },
  })
})

it('refuses an argument that OpenAI does not have, by its name', async () => {
  const server = await testServer()
  const answer = await ask(server, { temprature: 1 })
  expect(answer.status).toBe(400)
  expect(((await answer.json()) as { error: { message: string } }).error.message).toContain('temprature')
})

it('answers errors under /v1 in the shape of OpenAI', async () => {
  const server = await testServer()
  const shape = {
    message: expect.any(String),
    type: expect.any(String),
    code: expect.any(String),
    param: null,
  }
  const missing = await server.fetch(path, { method: 'POST', key: '' })
  expect([missing.status, await missing.json()]).toEqual([
    401,
    { error: { ...shape, type: 'authentication_error' } },
  ])
  const nothing = await server.fetch('/v1/nothing')
  expect([nothing.status, await nothing.json()]).toEqual([
    404,
    { error: { ...shape, type: 'not_found_error' } },
  ])
  const model = await ask(server, { model: 'gpt-9' })
  expect([model.status, await model.json()]).toMatchObject([
    404,
    { error: { code: 'model.not-found', param: 'model' } },
  ])
  const broken = await ask(server, { messages: user('break at once') })
  expect(broken.status).toBe(500)
  expect(await broken.text()).not.toContain('secret-inner-detail')
})

it('answers what fails before the first chunk with its status, and what fails later in the stream', async () => {
  const server = await testServer()
  expect((await ask(server, { stream: true, messages: user('fail at once') })).status).toBe(502)
  expect((await ask(server, { messages: user('fail at once') })).status).toBe(502)
  const frames = await framesOf(await ask(server, { stream: true, messages: user('fail later') }))
  expect(frames).not.toContain('[DONE]')
  expect(chunksOf(frames).at(-1)).toMatchObject({ error: { code: 'model.timeout' } })
})

it.each([true, false])('aborts the turn when the client leaves (streaming: %s)', async (stream) => {
  const server = await testServer()
  const leave = new AbortController()
  const messages = user(stream ? 'big' : 'wait')
  const asked = ask(server, { stream, messages }, { signal: leave.signal })
  if (stream) await (await asked).body!.getReader().read()
  else await new Promise((resolve) => setTimeout(resolve, 50))
  leave.abort()
  await asked.catch(() => undefined)
  while (server.deps.runtime.aborted.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(server.deps.runtime.aborted).toHaveLength(1)
  expect(server.deps.lines.filter(({ level }) => level === 'error')).toEqual([])
})

it('lists characters as models', async () => {
  const server = await testServer()
  const body = await (await server.fetch('/v1/models')).json()
  expect(body).toMatchObject({
    object: 'list',
    data: [{ id: 'covent/covent' }, { id: 'covent/ada', object: 'model' }],
  })
})
