import { expect, it } from 'vitest'
import { testServer } from './support/server.ts'

const path = '/api/events/dead'
const redrive = (body: object) => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})

it('lists dead letters without what they say, and opens them again', async () => {
  const server = await testServer()
  const list = async (query = ''): Promise<unknown> => (await server.fetch(`${path}${query}`)).json()
  const letter = {
    id: 'evt_1',
    consumer: 'memories',
    type: 'conversation.ended',
    key: 'c1',
    attempts: 10,
    error: 'Error: broken',
    createdAt: '1970-01-01T00:00:00.000Z',
    diedAt: '1970-01-01T00:01:00.000Z',
  }
  expect(await list()).toEqual({ items: [letter] })
  expect(await list('?consumer=other')).toEqual({ items: [] })
  const other = await server.fetch(`${path}/redrive`, redrive({ consumer: 'memories', id: 'evt_2' }))
  expect(await other.json()).toEqual({ count: 0 })
  const all = await server.fetch(`${path}/redrive`, redrive({ consumer: 'memories' }))
  expect([all.status, await all.json()]).toEqual([200, { count: 1 }])
  expect(await list()).toEqual({ items: [] })
})

it('keeps dead letters from everybody below an operator', async () => {
  const server = await testServer()
  for (const role of ['user', 'guest'] as const) {
    const key = await server.key(role)
    expect((await server.fetch(path, { key })).status).toBe(403)
    expect((await server.fetch(`${path}/redrive`, { ...redrive({ consumer: 'c' }), key })).status).toBe(403)
  }
})

it.each([{}, { consumer: '' }, { consumer: 'c', all: true }])('refuses to redrive %j', async (body) => {
  const server = await testServer()
  expect((await server.fetch(`${path}/redrive`, redrive(body))).status).toBe(400)
})
