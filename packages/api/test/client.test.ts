import { temporaryFolder } from '@covent/testing'
import { AppError } from '@covent/core'
import { expect, it } from 'vitest'
import { adminSocketPath, apiClient, isUnreachable } from '../src/client.ts'
import { testServer } from './support/server.ts'
import { all } from './support/all.ts'

const open = async (by: 'socket' | 'key') => {
  const home = temporaryFolder()
  const server = await testServer({ home })
  const target =
    by === 'socket' ? { socketPath: adminSocketPath(home) } : { url: server.api.url, key: server.owner }
  return { server, client: apiClient(target) }
}

it.each(['socket', 'key'] as const)('talks by %s', async (by) => {
  const { client } = await open(by)
  const { id } = await client.conversations.create('ada')
  const { reply } = await client.chat.send(id, 'grüß 👋')
  expect(reply.text).toBe('You said: grüß 👋')
  const events = await all(client.chat.stream(id, 'act 👋'))
  expect(events.map(({ event }) => event).join(' ')).toBe(
    'accepted action action delta delta delta message end',
  )
  expect((await client.conversations.messages(id, { limit: 3 })).items).toHaveLength(3)
  expect((await client.plugins.list())[0]).toMatchObject({ id: 'covent.clock' })
  expect(await client.health()).toMatchObject({ status: 'ok' })
  await client.conversations.remove(id)
  expect(await client.conversations.list()).toEqual({ items: [] })
})

it('throws the server’s error with its code and status', async () => {
  const { client } = await open('key')
  const error = await client.conversations.get('nothing').catch((error: unknown) => error)
  expect(AppError.is(error, 'request.not-found')).toBe(true)
  expect(error).toMatchObject({ status: 404, title: 'Not found' })
})

it('tells a server that is not there from one that refuses', async () => {
  const nowhere = apiClient({ socketPath: adminSocketPath(temporaryFolder()) })
  const stopped = await open('key')
  const gone = apiClient({ url: stopped.server.api.url })
  await stopped.server.api.stop()
  expect(isUnreachable(await nowhere.health().catch((error: unknown) => error))).toBe(true)
  expect(isUnreachable(await gone.health().catch((error: unknown) => error))).toBe(true)
  const { client } = await open('key')
  expect(isUnreachable(await client.conversations.get('x').catch((error: unknown) => error))).toBe(false)
})

it('reads the report of a server that is not ready', async () => {
  const { server, client } = await open('key')
  server.deps.health.drain()
  expect(await client.health()).toMatchObject({ status: 'unready', checks: { database: { ok: true } } })
})

it('joins by its idempotency key, and stops reading when it is told to', async () => {
  const { server, client } = await open('socket')
  const { id } = await client.conversations.create()
  const stop = new AbortController()
  const events = client.chat.stream(id, 'wait', { idempotencyKey: 'k', signal: stop.signal })
  await events.next()
  stop.abort()
  await expect(events.next()).rejects.toThrow()
  server.deps.runtime.release()
  const { reply } = await client.chat.send(id, 'wait', { idempotencyKey: 'k' })
  expect(reply.text).toBe('You said: wait')
  expect(server.deps.runtime.accepted).toHaveLength(1)
})
