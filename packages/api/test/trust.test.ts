import { expect, it } from 'vitest'
import { testServer } from './support/server.ts'

const publicKey = Buffer.alloc(44).toString('base64')

it('lets those who may write plugins trust keys, and others only look', async () => {
  const server = await testServer()
  const reader = await server.key('owner', ['plugins:read'])
  const wish = { publicKey, owner: 'Acme', namespaces: ['acme.*'], expires: '2030-01-01T00:00:00.000Z' }
  const added = await server.post('/api/trust', wish)
  expect(added.status).toBe(201)
  const key = (await added.json()) as { readonly keyId: string }
  expect(key).toMatchObject(wish)
  const one = `/api/trust/${key.keyId}`
  expect((await server.fetch(one, { method: 'DELETE', key: reader })).status).toBe(403)
  expect((await server.fetch(`${one}/revoke`, { method: 'POST' })).status).toBe(204)
  const listed = await server.fetch('/api/trust', { key: reader })
  expect(await listed.json()).toMatchObject({ items: [{ ...key, revoked: expect.any(String) as string }] })
  expect((await server.fetch(one, { method: 'DELETE' })).status).toBe(204)
  expect((await server.fetch(one, { method: 'DELETE' })).status).toBe(404)
})

it('takes no key for ids outside of a namespace', async () => {
  const server = await testServer()
  const refused = await server.post('/api/trust', { publicKey, owner: 'Acme', namespaces: ['*'] })
  expect(refused.status).toBe(400)
})
