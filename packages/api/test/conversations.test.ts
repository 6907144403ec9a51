import { expect, it } from 'vitest'
import { testServer } from './support/server.ts'

it('begins, lists, shows and deletes conversations', async () => {
  const server = await testServer()
  const created = await server.post('/api/conversations', { character: 'ada' })
  expect(created.status).toBe(201)
  const { id } = (await created.json()) as { id: string }
  const page = await (await server.fetch('/api/conversations')).json()
  expect(page).toEqual({ items: [{ id, character: 'ada', createdAt: expect.any(String) }] })
  expect((await server.fetch(`/api/conversations/${id}`)).status).toBe(200)
  expect((await server.fetch(`/api/conversations/${id}`, { method: 'DELETE' })).status).toBe(204)
  expect((await server.fetch(`/api/conversations/${id}`)).status).toBe(404)
  expect(server.deps.emitted.map(({ type }) => type)).toEqual([
    'security.auth.succeeded',
    'conversation.started',
    'conversation.ended',
  ])
})

it('takes no body as an empty one, and refuses an unknown character by name', async () => {
  const server = await testServer()
  expect((await server.fetch('/api/conversations', { method: 'POST' })).status).toBe(201)
  const refused = await server.post('/api/conversations', { character: 'nobody' })
  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({ code: 'validation.failed', param: 'character' })
})

it('hides the conversations of one principal from another everywhere', async () => {
  const server = await testServer()
  const id = await server.conversation()
  const stranger = { key: await server.key('owner') }
  const place = `/api/conversations/${id}`
  const answers = await Promise.all([
    server.fetch(place, stranger),
    server.fetch(place, { ...stranger, method: 'DELETE' }),
    server.fetch(`${place}/messages`, stranger),
    server.post(`${place}/messages`, { text: 'hello' }, stranger),
    server.post(
      `${place}/messages`,
      { text: 'hello' },
      { ...stranger, headers: { accept: 'text/event-stream' } },
    ),
  ])
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404])
  expect(await (await server.fetch('/api/conversations', stranger)).json()).toEqual({ items: [] })
  expect((await server.fetch(place)).status).toBe(200)
})

it('pages lists by limit and cursor, oldest first', async () => {
  const server = await testServer()
  const ids = [await server.conversation(), await server.conversation(), await server.conversation()]
  const first = (await (await server.fetch('/api/conversations?limit=2')).json()) as {
    items: { id: string }[]
    nextCursor: string
  }
  expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2))
  const rest = await server.fetch(`/api/conversations?limit=2&cursor=${first.nextCursor}`)
  expect(await rest.json()).toMatchObject({ items: [{ id: ids[2] }] })
  for (const query of ['limit=0', 'limit=x', 'limit=1000', 'limit=1&other=2', '__proto__=1'])
    expect((await server.fetch(`/api/conversations?${query}`)).status).toBe(400)
})

it('answers 404 for ids that cannot exist', async () => {
  const server = await testServer()
  for (const id of ['x', 'conv_', 'msg_01k9zzzzzzzzzzzzzzzzzzzzzz', `conv_${'U'.repeat(26)}`])
    expect((await server.fetch(`/api/conversations/${id}`)).status).toBe(404)
})
