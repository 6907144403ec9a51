import { expect, it } from 'vitest'
import { testServer } from './support/server.ts'

const packed = Buffer.from('a package').toString('base64')

it('installs, shows, changes and uninstalls a plugin', async () => {
  const server = await testServer()
  const read = async (path: string, body?: object) =>
    (await (body === undefined ? server.fetch(path) : server.post(path, body))).json()
  const installed = await server.post('/api/plugins', { package: packed, grant: 'all' })
  expect(installed.status).toBe(201)
  expect(await installed.json()).toMatchObject({ id: 'acme.noter', version: '1.0.9', grants: ['all'] })
  const place = '/api/plugins/acme.noter'
  const turn = async (to: string) => (await server.fetch(`${place}/${to}`, { method: 'POST' })).json()
  expect(await read(place)).toMatchObject({ package: { installedAt: '1970-01-01T00:00:00.000Z' } })
  expect(await read(`${place}/grants`)).toMatchObject({
    items: [{ permission: 'data:database', state: 'pending' }],
  })
  expect(await read(`${place}/grants`, { revoke: 'all' })).toMatchObject({ grants: [] })
  expect(await read(`${place}/grants`, { grant: ['data:database'] })).toMatchObject({
    grants: ['data:database'],
  })
  expect(await turn('disable')).toMatchObject({ state: 'disabled' })
  expect(await turn('enable')).toMatchObject({ state: 'ready' })
  expect(await read(`${place}/actions/note`, { input: { a: 1 } })).toEqual({
    output: { action: 'note', input: { a: 1 }, principalId: expect.stringMatching(/^key_/) as string },
  })
  expect((await server.fetch(place, { method: 'DELETE' })).status).toBe(204)
  expect((await server.fetch(place)).status).toBe(404)
})

it('takes a package beyond the limit of other bodies, and no other body', async () => {
  const server = await testServer({ bodyLimitBytes: 2_048 })
  const large = Buffer.alloc(1_000_000).toString('base64')
  expect((await server.post('/api/plugins', { package: large })).status).toBe(201)
  const input = 'x'.repeat(3_000)
  expect((await server.post('/api/plugins/acme.noter/actions/note', { input })).status).toBe(413)
})

it.each([
  ['no base64', { package: '<>' }],
  ['no package', {}],
  ['an unknown field', { package: packed, force: true }],
  ['a wish that names no permission', { package: packed, grant: ['everything'] }],
])('refuses an install with %s', async (_, body) => {
  const server = await testServer()
  expect((await server.post('/api/plugins', body)).status).toBe(400)
})

it('lets those who may only read plugins change nothing', async () => {
  const server = await testServer()
  const key = await server.key('operator', ['plugins:read'])
  await server.post('/api/plugins', { package: packed })
  const place = '/api/plugins/acme.noter'
  const changes = [
    `${place}/enable`,
    `${place}/disable`,
    `${place}/grants`,
    `${place}/actions/note`,
    '/api/plugins',
  ]
  for (const path of changes) expect((await server.post(path, {}, { key })).status).toBe(403)
  expect((await server.fetch(place, { method: 'DELETE', key })).status).toBe(403)
  expect((await server.fetch(place, { key })).status).toBe(200)
})

it('shows what a package would change, and lets an update in by consent to its digest', async () => {
  const server = await testServer()
  const place = '/api/plugins/acme.noter'
  const post = async (path: string, body: object) => (await server.post(path, body)).json()
  expect(await post('/api/plugins/preview', { package: packed })).toMatchObject({
    signer: { owner: 'Acme' },
    permissions: [{ risk: 'low', sentence: 'store its own data' }],
    findings: [{ what: 'limits.memoryMb', before: 64, after: 128, widens: true }],
    changelog: '## 2.0.0',
  })
  const digest = 'e'.repeat(64)
  const update = { version: '2.0.0', digest, state: 'update-pending-consent' }
  expect(await post(`${place}/update`, { package: packed })).toMatchObject({ version: '1.0.9', update })
  const listed = (await (await server.fetch('/api/plugins')).json()) as { items: object[] }
  expect(listed.items).toMatchObject([
    { id: 'covent.clock' },
    { id: 'acme.noter', update: { version: '2.0.0' } },
  ])
  const consents = `${place}/update/consent`
  expect((await server.post(consents, {})).status).toBe(400)
  expect((await server.post(consents, { digest: 'f'.repeat(64) })).status).toBe(409)
  const consented = await post(consents, { digest })
  expect(consented).toMatchObject({ version: '2.0.0' })
  expect(consented).not.toHaveProperty('update')
  await server.post(`${place}/update`, { package: packed })
  const rejected: unknown = await (await server.fetch(`${place}/update`, { method: 'DELETE' })).json()
  expect(rejected).not.toHaveProperty('update')
  const back = await server.fetch(`${place}/rollback`, { method: 'POST' })
  expect(await back.json()).toMatchObject({ version: '0.9.0' })
})

it('lets those who may only read plugins neither update nor roll back', async () => {
  const server = await testServer()
  const key = await server.key('operator', ['plugins:read'])
  await server.post('/api/plugins', { package: packed })
  const place = '/api/plugins/acme.noter'
  const own = ['update', 'update/consent', 'rollback'].map((change) => `${place}/${change}`)
  const all = ['preview', 'reconfigure'].map((change) => `/api/plugins/${change}`)
  for (const path of [...own, ...all]) expect((await server.post(path, {}, { key })).status).toBe(403)
  expect((await server.fetch(`${place}/update`, { method: 'DELETE', key })).status).toBe(403)
})
