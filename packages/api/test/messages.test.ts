import { get, request } from 'node:http'
import { expect, it } from 'vitest'
import { readEvents } from '../src/client/read-events.ts'
import { type TestServer, testServer } from './support/server.ts'
import { all } from './support/all.ts'

const sse = { headers: { accept: 'text/event-stream' } }

const eventsOf = async (answer: Response) => {
  const events: { id?: string; event: string; data: Record<string, unknown> }[] = []
  for await (const { data, ...rest } of readEvents(answer)) events.push({ ...rest, data: JSON.parse(data) })
  return events
}

const until = async (met: () => boolean): Promise<void> => {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 5))
}

const say = async (server: TestServer, text: string, init?: Parameters<TestServer['post']>[2]) =>
  server.post(`/api/conversations/${await server.conversation()}/messages`, { text }, init)

it('answers JSON with the message and the reply, and lists both', async () => {
  const server = await testServer()
  const id = await server.conversation()
  const answer = await server.post(`/api/conversations/${id}/messages`, { text: 'hello', attachments: [] })
  const body = (await answer.json()) as { message: object; reply: object }
  expect(answer.status).toBe(200)
  expect(body).toMatchObject({
    message: { role: 'user', text: 'hello', status: 'answered', conversationId: id },
    reply: { role: 'assistant', text: 'You said: hello', status: 'answered' },
  })
  const list = await (await server.fetch(`/api/conversations/${id}/messages`)).json()
  expect(list).toMatchObject({ items: [{ role: 'user' }, { role: 'assistant' }] })
  expect(server.deps.runtime.accepted[0]?.stream).toBe(false)
})

it('streams accepted, actions, deltas, message and end, in this order and numbered', async () => {
  const server = await testServer()
  const answer = await say(server, 'act now', sse)
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const events = await eventsOf(answer)
  expect(events.map(({ event }) => event)).toEqual([
    'accepted',
    'action',
    'action',
    'delta',
    'delta',
    'delta',
    'message',
    'end',
  ])
  expect(new Set(events.map(({ id }) => id)).size).toBe(8)
  expect(events[0]!.data).toMatchObject({ message: { role: 'user', text: 'act now' } })
  expect(events[2]!.data).toMatchObject({ action: 'get_current_time', state: 'completed' })
  expect(events[7]!.data).toEqual({ reason: 'answered' })
})

it('writes `accepted` before the turn has ended', async () => {
  const server = await testServer()
  const reader = readEvents(await say(server, 'wait', sse))
  expect((await reader.next()).value).toMatchObject({ event: 'accepted' })
  server.deps.runtime.release()
  const rest = await all(reader)
  expect(rest.at(-1)).toMatchObject({ event: 'end' })
})

it('goes on with the turn when the client has left', async () => {
  const server = await testServer()
  const id = await server.conversation()
  const leave = new AbortController()
  const init = { ...sse, signal: leave.signal }
  const reader = readEvents(await server.post(`/api/conversations/${id}/messages`, { text: 'wait' }, init))
  await reader.next()
  leave.abort()
  await expect(reader.next()).rejects.toThrow('aborted')
  await until(() => server.deps.lines.some(({ route }) => route === '/api/conversations/:id/messages'))
  server.deps.runtime.release()
  await until(() => server.deps.runtime.accepted.length === 1)
  const list = await (await server.fetch(`/api/conversations/${id}/messages`)).json()
  expect(list).toMatchObject({ items: [{ role: 'user' }, { role: 'assistant', text: 'You said: wait' }] })
})

it('joins a repeat under the same Idempotency-Key and refuses another body under it', async () => {
  const server = await testServer()
  const path = `/api/conversations/${await server.conversation()}/messages`
  const keyed = { headers: { 'idempotency-key': 'one' } }
  const streamed = { headers: { ...keyed.headers, ...sse.headers } }
  const [first, second] = [
    server.post(path, { text: 'wait' }, keyed),
    server.post(path, { text: 'wait' }, keyed),
  ]
  await until(() => server.deps.runtime.accepted.length > 0)
  server.deps.runtime.release()
  const bodies = [await (await first).json(), await (await second).json()]
  expect(bodies[0]).toEqual(bodies[1])
  const events = await eventsOf(await server.post(path, { text: 'wait' }, streamed))
  expect(events[0]!.data).toMatchObject({
    message: { id: (bodies[0] as { message: { id: string } }).message.id },
  })
  expect((await server.post(path, { text: 'other' }, keyed)).status).toBe(422)
  expect((await server.post(path, { text: 'other' }, streamed)).status).toBe(422)
  expect(server.deps.runtime.accepted).toHaveLength(1)
})

it.each(['', ' ', 'a b', 'a'.repeat(256), 'é'])('refuses the Idempotency-Key %j', async (key) => {
  const server = await testServer()
  const id = await server.conversation()
  const status = await new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${server.owner}`,
      'content-type': 'application/json',
      'idempotency-key': Buffer.from(key).toString('latin1'),
    }
    const sent = request(`${server.api.url}/api/conversations/${id}/messages`, { method: 'POST', headers })
    sent.once('response', (answer) => resolve(answer.resume().statusCode))
    sent.end('{"text":"hello"}')
  })
  expect(status).toBe(400)
})

it('answers a failed turn with its own status, code and the message’s id', async () => {
  const server = await testServer()
  const answer = await say(server, 'fail')
  expect(answer.status).toBe(502)
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(await answer.json()).toMatchObject({
    code: 'model.unavailable',
    title: 'Model not available',
    messageId: expect.stringMatching(/^msg_/),
  })
  const events = await eventsOf(await say(server, 'fail', sse))
  expect(events.map(({ event }) => event)).toEqual(['accepted', 'error', 'end'])
  expect(events[1]!.data).toMatchObject({ error: { code: 'model.unavailable' } })
})

it('keeps a silent stream awake with comments', async () => {
  const server = await testServer({ heartbeatMs: 20 })
  const answer = await say(server, 'wait', sse)
  let text = ''
  const decoder = new TextDecoder()
  for await (const bytes of answer.body!) {
    text += decoder.decode(bytes)
    if (text.split(': heartbeat\n\n').length > 3) server.deps.runtime.release()
  }
  expect(text).toContain('event: end')
})

it('holds no more of a long stream than the connection takes while the client does not read', async () => {
  const server = await testServer()
  const id = await server.conversation()
  const headers = {
    authorization: `Bearer ${server.owner}`,
    'content-type': 'application/json',
    accept: 'text/event-stream',
  }
  const path = `${server.api.url}/api/conversations/${id}/messages`
  const sent = request(path, { method: 'POST', headers })
  sent.end(JSON.stringify({ text: 'big' }))
  const answer = await new Promise<import('node:http').IncomingMessage>((resolve) =>
    sent.once('response', resolve),
  )
  answer.pause()
  await new Promise((resolve) => setTimeout(resolve, 200))
  const alive = await new Promise((resolve) =>
    get(`${server.api.url}/health/live`, (one) => resolve(one.resume().statusCode)),
  )
  expect(alive).toBe(200)
  expect(server.deps.lines.some(({ route }) => route === '/api/conversations/:id/messages')).toBe(false)
  let bytes = 0
  for await (const chunk of answer) bytes += (chunk as Buffer).length
  expect(bytes).toBeGreaterThan(16_000_000)
})

it('follows a conversation behind the event that a client names', async () => {
  const server = await testServer()
  const id = await server.conversation()
  const follow = (headers: Record<string, string> = {}, conversation = id) =>
    fetch(`${server.api.url}/api/conversations/${conversation}/events`, {
      headers: { authorization: `Bearer ${server.owner}`, ...headers },
    })
  const answer = await follow({ 'last-event-id': 'turn_1/3' })
  expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/)
  const reader = answer.body!.getReader()
  const { value } = await reader.read()
  expect(new TextDecoder().decode(value)).toBe('id: behind turn_1/3\nevent: reset\ndata: {}\n\n')
  await reader.cancel()
  expect((await follow({ 'last-event-id': 'nonsense' })).status).toBe(400)
  expect((await follow({}, `conv_${'0'.repeat(26)}`)).status).toBe(404)
})

it('ends a stream within a second after its key was revoked', async () => {
  const server = await testServer()
  const { id: keyId, key } = await server.deps.keys.create({ name: 'leaked', role: 'user' })
  const id = await server.conversation(key)
  const streams = await Promise.all([
    server.fetch(`/api/conversations/${id}/events`, { key }),
    server.post(`/api/conversations/${id}/messages`, { text: 'wait' }, { key, ...sse }),
  ])
  expect(streams.map(({ status }) => status)).toEqual([200, 200])
  await server.deps.keys.revoke(keyId)
  const revokedAt = performance.now()
  const told = await Promise.all(streams.map((stream) => stream.text()))
  expect(performance.now() - revokedAt).toBeLessThan(1_000)
  expect(told[1]).toContain('"reason":"stopped"')
})
