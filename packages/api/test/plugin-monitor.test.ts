import { expect, it } from 'vitest'
import { testServer } from './support/server.ts'

const place = '/api/plugins/acme.noter'

it('tells what plugins did and use, with times as text', async () => {
  const server = await testServer()
  const one = await (await server.fetch(`${place}/stats`)).json()
  const epoch = '1970-01-01T00:00:00.000Z'
  expect(one).toMatchObject({
    id: 'acme.noter',
    total: { calls: 2, errorsByCode: { 'plugin.timeout': 1 } },
    paused: [{ part: 'action/note', triesAt: epoch }],
    alerts: [{ alert: 'breaker', since: epoch }],
    lastError: { where: 'action/note', at: epoch },
  })
  expect(await (await server.fetch('/api/plugins/stats')).json()).toEqual({ items: [one] })
})

it('lists the last lines of a plugin, and those after one', async () => {
  const server = await testServer()
  const numbers = async (query: string): Promise<readonly number[]> => {
    const { items } = (await (await server.fetch(`${place}/logs${query}`)).json()) as {
      items: { n: number }[]
    }
    return items.map(({ n }) => n)
  }
  expect([await numbers(''), await numbers('?after=1')]).toEqual([[1, 2], [2]])
})

it('goes on with new lines as events, from where a reader was', async () => {
  const server = await testServer()
  const headers = { accept: 'text/event-stream', 'last-event-id': '1' }
  const text = await (await server.fetch(`${place}/logs`, { headers })).text()
  expect(text.match(/^id: .*$/gm)).toEqual(['id: 2', 'id: 3'])
  expect(text).toContain('event: line\ndata: {"n":3,')
})

it.each(['stats', 'logs'])('answers 404 for the %s of a plugin that is not there', async (what) => {
  const server = await testServer()
  const headers = { accept: 'text/event-stream' }
  expect((await server.fetch(`/api/plugins/acme.none/${what}`, { headers })).status).toBe(404)
})

it('is for those who may read plugins', async () => {
  const server = await testServer()
  const key = await server.key('user')
  for (const path of ['/api/plugins/stats', `${place}/stats`, `${place}/logs`])
    expect((await server.fetch(path, { key })).status).toBe(403)
})
