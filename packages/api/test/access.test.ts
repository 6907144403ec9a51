import { expect, it } from 'vitest'
import { testServer } from './support/server.ts'

it('asks for a key on every route but the public ones, also on loopback', async () => {
  const server = await testServer()
  const places = ['/health', '/api/conversations', '/api/keys', '/api/plugins', '/v1/models']
  for (const place of places) {
    const answer = await server.fetch(place, { key: '' })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect((await server.fetch(place)).status).toBe(200)
  }
  for (const place of ['/health/live', '/health/ready', '/openapi.json', '/docs'])
    expect((await server.fetch(place, { key: '' })).status).toBe(200)
})

it('takes a key by Authorization or X-Covent-Token, and never from the URL or a cookie', async () => {
  const server = await testServer()
  const by = async (headers: Record<string, string>, query = '') =>
    (await server.fetch(`/api/keys${query}`, { key: '', headers })).status
  expect(await by({ authorization: `bearer ${server.owner}` })).toBe(200)
  expect(await by({ 'x-covent-token': server.owner })).toBe(200)
  expect(await by({ authorization: `Basic ${btoa(`key:${server.owner}`)}` })).toBe(401)
  expect(await by({ authorization: 'Bearer' })).toBe(401)
  expect(await by({ authorization: `Bearer ${server.owner}x` })).toBe(401)
  expect(await by({ cookie: `token=${server.owner}` })).toBe(401)
  expect(await by({}, `?token=${server.owner}&access_token=${server.owner}`)).toBe(401)
})

it('opens a stream by a ticket in the URL: one stream, once, and nothing else', async () => {
  const server = await testServer()
  const [id, other] = [await server.conversation(), await server.conversation()]
  const path = `/api/conversations/${id}/events`
  const ticket = async (key = server.owner) => {
    const made = await server.post('/api/tickets', { path }, { key })
    return ((await made.json()) as { ticket: string }).ticket
  }
  const status = async (place: string, init: RequestInit = {}) => {
    const answer = await server.fetch(place, { key: '', ...init })
    await answer.body?.cancel()
    return answer.status
  }
  const first = await ticket()
  expect(await status(`${path}?ticket=${first}`)).toBe(200)
  expect(await status(`${path}?ticket=${first}`)).toBe(401)
  expect(await status(`/api/conversations/${other}/events?ticket=${await ticket()}`)).toBe(401)
  expect(await status(`/api/conversations/${id}?ticket=${await ticket()}`)).toBe(401)
  expect(await status(`${path}?ticket=${await ticket()}&ticket=${await ticket()}`)).toBe(401)
  expect(await status(`${path}?ticket=${await ticket(await server.key('user'))}`)).toBe(404)
  const headers = { authorization: 'Bearer wrong' }
  expect(await status(`${path}?ticket=${await ticket()}`, { headers })).toBe(401)
  expect((await server.post('/api/tickets', { path: `${path}?x` })).status).toBe(400)
  expect(JSON.stringify(server.deps.lines)).not.toContain('ticket-')
})

it('opens nothing by the ticket of a key that was revoked meanwhile', async () => {
  const server = await testServer()
  const path = `/api/conversations/${await server.conversation()}/events`
  const made = (await server.deps.keys.create({ name: 'short', role: 'user' })) as { id: string; key: string }
  const answer = await server.post('/api/tickets', { path }, { key: made.key })
  const { ticket } = (await answer.json()) as { ticket: string }
  await server.deps.keys.revoke(made.id)
  expect((await server.fetch(`${path}?ticket=${ticket}`, { key: '' })).status).toBe(401)
})

it('does not fall back to another credential where the first is wrong', async () => {
  const server = await testServer()
  const headers = { authorization: 'Bearer wrong', 'x-covent-token': server.owner }
  expect((await server.fetch('/api/keys', { key: '', headers })).status).toBe(401)
})

it('asks the policy for the scope of the route', async () => {
  const server = await testServer()
  const user = { key: await server.key('user') }
  const narrow = { key: await server.key('owner', ['keys:read']) }
  expect((await server.fetch('/api/keys', user)).status).toBe(403)
  expect((await server.fetch('/api/conversations', user)).status).toBe(200)
  expect((await server.fetch('/api/keys', narrow)).status).toBe(200)
  expect((await server.fetch('/api/conversations', narrow)).status).toBe(403)
})

it('says who got in once a minute per key, and each time that somebody did not', async () => {
  const server = await testServer()
  for (let n = 0; n < 3; n++) await server.fetch('/api/keys')
  await server.fetch('/api/keys', { key: 'wrong' })
  await server.fetch('/api/keys', { key: '' })
  expect(server.deps.emitted).toEqual([
    {
      type: 'security.auth.succeeded',
      payload: { principalId: expect.stringMatching(/^key_/), peer: '127.0.0.1' },
    },
    { type: 'security.auth.failed', payload: { reason: 'invalid', peer: '127.0.0.1' } },
    { type: 'security.auth.failed', payload: { reason: 'missing', peer: '127.0.0.1' } },
  ])
})

it('has in the audit who got in, once an hour per key, and each time that somebody did not', async () => {
  const server = await testServer()
  const noted: unknown[] = []
  server.deps.audit.note = ({ actor, action, outcome, code, data }) =>
    void noted.push([actor.id, action, outcome, code, data?.['peer']])
  for (let n = 0; n < 3; n++) await server.fetch('/api/keys')
  for (let n = 0; n < 2; n++) await server.fetch('/api/keys', { key: 'wrong' })
  const refused = ['anonymous', 'auth.sign-in', 'denied', 'auth.credential-invalid', '127.0.0.1']
  const allowed = [expect.stringMatching(/^key_/), 'auth.sign-in', 'allowed', undefined, '127.0.0.1']
  expect(noted).toEqual([allowed, refused, refused])
})

it('makes, lists and revokes keys, and shows a key once', async () => {
  const server = await testServer()
  const made = await server.post('/api/keys', { name: 'ci', role: 'user', scopes: ['chat:write'] })
  expect(made.status).toBe(201)
  const { id, key } = (await made.json()) as { id: string; key: string }
  const list = await (await server.fetch('/api/keys')).text()
  expect(list).toContain(id)
  expect(list).not.toContain(key)
  expect(list).not.toContain('hash')
  const conversation = () => server.fetch('/api/conversations', { key })
  expect((await conversation()).status).toBe(403)
  expect((await server.fetch(`/api/keys/${id}`, { method: 'DELETE' })).status).toBe(204)
  expect((await conversation()).status).toBe(401)
  expect((await server.fetch(`/api/keys/${id}`, { method: 'DELETE' })).status).toBe(404)
})

it('lets nobody make or revoke a key above his own', async () => {
  const server = await testServer()
  const operator = { key: await server.key('operator') }
  const narrow = { key: await server.key('owner', ['keys:write', 'chat:write']) }
  const make = async (body: object, as: { key: string }) => (await server.post('/api/keys', body, as)).status
  expect(await make({ name: 'a', role: 'owner' }, operator)).toBe(403)
  expect(await make({ name: 'a', role: 'operator' }, operator)).toBe(201)
  expect(await make({ name: 'a', role: 'user' }, narrow)).toBe(403)
  expect(await make({ name: 'a', role: 'user', scopes: ['health:read'] }, narrow)).toBe(403)
  expect(await make({ name: 'a', role: 'user', scopes: ['chat:write'] }, narrow)).toBe(201)
  const [owners] = await server.deps.keys.list()
  expect((await server.fetch(`/api/keys/${owners!.id}`, { ...operator, method: 'DELETE' })).status).toBe(403)
})

it('writes one line per request, with the pattern of its route and never the path or the key', async () => {
  const server = await testServer()
  const id = await server.conversation()
  await server.fetch(`/api/conversations/${id}?cursor=x&limit=1`, { headers: { 'x-request-id': 'mine' } })
  await server.fetch('/health/live')
  await server.fetch('/nothing/here')
  const lines = server.deps.lines.filter(({ msg }) => msg === 'request')
  expect(lines.map(({ level, route, status }) => [level, route, status])).toEqual([
    ['info', '/api/conversations', 201],
    ['info', '/api/conversations/:id', 200],
    ['debug', '/health/live', 200],
    ['info', '-', 404],
  ])
  expect(lines[1]).toMatchObject({ method: 'GET', requestId: 'mine', durationMs: expect.any(Number) })
  expect(lines[1]!['bytes']).toBeGreaterThan(50)
  expect(JSON.stringify(lines)).not.toContain(id)
  expect(JSON.stringify(server.deps.lines)).not.toContain(server.owner)
})

it('answers an unknown error with 500 and the request id, and keeps its message for the log', async () => {
  const server = await testServer()
  server.deps.stores.conversations.list = async () => {
    throw new Error('secret-inner-detail')
  }
  const answer = await server.fetch('/api/conversations')
  const text = await answer.text()
  expect(answer.status).toBe(500)
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  expect(JSON.parse(text)).toMatchObject({
    type: 'urn:covent:error:request.failed',
    title: 'Internal error',
    status: 500,
    code: 'request.failed',
    requestId: answer.headers.get('x-request-id'),
  })
  expect(text).not.toContain('secret-inner-detail')
  const line = server.deps.lines.find(({ level }) => level === 'error')
  expect(line).toMatchObject({ requestId: answer.headers.get('x-request-id'), error: expect.any(Error) })
})

it('tells strangers no more of its health than a status', async () => {
  const server = await testServer()
  expect(await (await server.fetch('/health/ready', { key: '' })).json()).toEqual({ status: 'ready' })
  expect(await (await server.fetch('/health')).json()).toMatchObject({ checks: { database: { ok: true } } })
  server.deps.health.drain()
  expect((await server.fetch('/health/ready', { key: '' })).status).toBe(503)
  expect((await server.fetch('/health/live', { key: '' })).status).toBe(200)
})
