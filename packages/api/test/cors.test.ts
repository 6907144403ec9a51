import { expect, it } from 'vitest'
import { testServer } from './support/server.ts'

const page = 'https://app.example'
const cors = { origins: [page] }
const asking = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }

it('lets pages of configured origins call with a key, and read the answer', async () => {
  const server = await testServer({ cors })
  const asked = await server.fetch('/api/keys', {
    key: '',
    method: 'OPTIONS',
    headers: { origin: page, ...asking },
  })
  expect(asked.status).toBe(204)
  expect(asked.headers.get('access-control-allow-origin')).toBe(page)
  expect(asked.headers.get('access-control-allow-headers')).toMatch(/\bAuthorization\b/)
  const answer = await server.fetch('/api/keys', { headers: { origin: page } })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('access-control-allow-origin')).toBe(page)
  expect(answer.headers.get('vary')).toBe('Origin')
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
})

it('tells pages of other origins nothing, and asks for a key all the same', async () => {
  const server = await testServer({ cors })
  const other = { origin: 'https://other.example' }
  const asked = await server.fetch('/api/keys', { method: 'OPTIONS', headers: { ...other, ...asking } })
  expect(asked.status).toBe(403)
  expect(asked.headers.get('access-control-allow-origin')).toBeNull()
  expect((await server.fetch('/api/keys', { headers: other })).status).toBe(403)
  expect((await server.fetch('/api/keys', { key: '', headers: { origin: page } })).status).toBe(401)
})

it('lets nobody call across origins unless told to', async () => {
  const server = await testServer()
  const asked = await server.fetch('/api/keys', { method: 'OPTIONS', headers: { origin: page, ...asking } })
  expect(asked.status).toBe(403)
  const own = await server.fetch('/api/keys', { headers: { origin: server.api.url } })
  expect(own.status).toBe(200)
  expect(own.headers.get('access-control-allow-origin')).toBeNull()
})

it('refuses a query parameter that is given twice', async () => {
  const server = await testServer()
  for (const query of ['limit=1&limit=2', 'limit=1&limit=1', 'limit=1&%6cimit=2'])
    expect((await server.fetch(`/api/conversations?${query}`)).status).toBe(400)
  expect((await server.fetch('/api/conversations?limit=1')).status).toBe(200)
})
