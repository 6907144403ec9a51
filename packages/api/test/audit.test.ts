import { expect, it } from 'vitest'
import { testServer } from './support/server.ts'

it('lists the audit by the query, with times as RFC 3339', async () => {
  const server = await testServer()
  const answer = await server.fetch('/api/audit?limit=3&from=end&actor=acme.noter&outcome=denied&cursor=6')
  const { items, nextCursor } = (await answer.json()) as { items: unknown; nextCursor: string }
  expect(items).toEqual([
    {
      seq: 7,
      at: '1970-01-01T00:00:00.000Z',
      actor: { kind: 'plugin', id: 'acme.noter' },
      action: 'kv.set',
      outcome: 'allowed',
    },
  ])
  expect(JSON.parse(nextCursor)).toEqual({
    limit: 3,
    from: 'end',
    actor: 'acme.noter',
    outcome: 'denied',
    cursor: '6',
  })
})

it.each(['cursor=x', 'cursor=-1', 'from=middle', 'outcome=maybe', 'limit=0', 'limit=500', 'who=me'])(
  'refuses an audit query with %s',
  async (query) => {
    const server = await testServer()
    expect((await server.fetch(`/api/audit?${query}`)).status).toBe(400)
  },
)

it('shows the audit to nobody below an operator', async () => {
  const server = await testServer()
  for (const role of ['user', 'guest'] as const)
    expect((await server.fetch('/api/audit', { key: await server.key(role) })).status).toBe(403)
})
