import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith, postgresServer, type PostgresProcess, temporaryFolder } from '@covent/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, clientOf, overSocket, requests, startServer } from './support.ts'

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly code: string | undefined
  readonly reply: string | undefined
}

const say = async (
  client: Pick<Client, 'post'>,
  { conversation, text, key }: { conversation: string; text: string; key?: string },
): Promise<Answer> => {
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
  const response = await client.post(`/api/conversations/${conversation}/messages`, { text }, headers)
  const body = (await response.json()) as { reply?: { text: string }; code?: string }
  const { status } = response
  return {
    status,
    retryAfter: response.headers.get('retry-after'),
    code: body.code,
    reply: body.reply?.text,
  }
}

const conversationOf = async (client: Client): Promise<string> =>
  ((await (await client.post('/api/conversations', {})).json()) as { id: string }).id

const settled = async (check: () => Promise<boolean>): Promise<number> => {
  const startedAt = performance.now()
  await expect.poll(check, { timeout: 15_000, interval: 20 }).toBe(true)
  return performance.now() - startedAt
}

describeWith('postgres', 'a server over PostgreSQL', () => {
  let postgres: PostgresProcess
  beforeAll(async () => void (postgres = await postgresServer()), 30_000)
  afterAll(() => postgres.stop())
  const masterKey = randomBytes(32).toString('base64')
  const environment = () => ({
    COVENT_DATABASE__URL: postgres.url.replace('covent@', 'covent:hush-hush@'),
    COVENT_MASTER_KEY: masterKey,
  })

  it('makes no master key of its own', async () => {
    const env = { COVENT_DATABASE__URL: postgres.url }
    await expect(startServer(temporaryFolder(), env)).rejects.toThrow(/secureStorage\.keyFile/)
  })

  it('answers, remembers over a restart, and shares conversations, keys and secrets with another server', async () => {
    const env = environment()
    const home = temporaryFolder()
    const first = await startServer(home, env)
    const client = await clientOf(first, home)
    const conversation = await conversationOf(client)
    await say(client, { conversation, text: 'My name is Ada.' })
    const other = temporaryFolder()
    const second = await startServer(other, env)
    const there = requests(second.ready.url, client.key)
    const asked = { conversation, text: 'What is my name?' }
    expect(await say(there, asked)).toMatchObject({ status: 200, reply: expect.stringContaining('Ada') })
    const set = { method: 'POST', path: '/api/secrets', body: { name: 'SHARED', value: 'canary-shared' } }
    expect((await overSocket(home, set)).status).toBe(200)
    const verify = { method: 'POST', path: '/api/secrets/SHARED/verify', body: { value: 'canary-shared' } }
    expect((await overSocket(other, verify)).text).toBe('{"isSame":true}')
    await first.kill()
    const again = await startServer(home, env)
    expect(await say(requests(again.ready.url, client.key), asked)).toMatchObject({ status: 200 })
    for (const { lines } of [first, second, again]) expect(lines.join('\n')).not.toContain('hush-hush')
    expect(readFileSync(join(home, 'run', 'lock.db')).length).toBeGreaterThan(0)
  }, 40_000)

  it('lives through an immediate restart of PostgreSQL, says 503 with Retry-After meanwhile, and loses nothing', async () => {
    const home = temporaryFolder()
    const server = await startServer(home, environment())
    const client = await clientOf(server, home)
    const conversation = await conversationOf(client)
    const status = async (path: string): Promise<number> => (await fetch(server.ready.url + path)).status
    await say(client, { conversation, text: 'My name is Grace.', key: 'before' })
    const restarted = postgres.restart(1500)
    await settled(async () => (await status('/health/ready')) === 503)
    expect(await status('/health/live')).toBe(200)
    const refused = await say(client, { conversation, text: 'What is my name?', key: 'meanwhile' })
    expect(refused).toMatchObject({
      status: 503,
      code: 'database.unavailable',
      retryAfter: expect.stringMatching(/^\d+$/),
    })
    await restarted
    const backMs = await settled(async () => (await status('/health/ready')) === 200)
    expect(backMs).toBeLessThan(10_000)
    const answer = await say(client, { conversation, text: 'What is my name?', key: 'meanwhile' })
    expect(answer).toMatchObject({ status: 200, reply: expect.stringContaining('Grace') })
    const { items } = await client.get<{ items: { text: string }[] }>(
      `/api/conversations/${conversation}/messages`,
    )
    expect(items.filter(({ text }) => text === 'What is my name?')).toHaveLength(1)
    expect(await overSocket(home, { method: 'GET', path: '/health' })).toMatchObject({
      text: expect.not.stringContaining('hush-hush'),
    })
  }, 40_000)
})
