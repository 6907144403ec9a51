import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { adminSocketPath, apiClient } from '../src/client.ts'
import { createApi } from '../src/index.ts'
import { memoryDeps } from './support/memory-deps.ts'
import { settingsOf, testServer } from './support/server.ts'

const until = async (met: () => boolean): Promise<void> => {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 5))
}

it('lets the operator in through the admin socket without a credential', async () => {
  const home = temporaryFolder()
  await testServer({ home })
  const client = apiClient({ socketPath: adminSocketPath(home) })
  const { id } = await client.keys.create({ name: 'first', role: 'owner' })
  expect((await client.keys.list()).map((key) => key.id)).toContain(id)
  expect(statSync(adminSocketPath(home)).mode & 0o777).toBe(0o600)
  expect(statSync(join(home, 'run')).mode & 0o777).toBe(0o700)
})

it('tightens a run folder that others could enter', async () => {
  const home = temporaryFolder()
  mkdirSync(join(home, 'run'))
  chmodSync(join(home, 'run'), 0o777)
  await testServer({ home })
  expect(statSync(join(home, 'run')).mode & 0o777).toBe(0o700)
})

it('checks a credential that is given through the admin socket', async () => {
  const home = temporaryFolder()
  await testServer({ home })
  const { socketFetch } = await import('../src/client/socket-fetch.ts')
  const by = async (headers: Record<string, string>) =>
    (await socketFetch(adminSocketPath(home), '/api/keys', { headers })).status
  expect(await by({})).toBe(200)
  expect(await by({ authorization: 'Bearer wrong' })).toBe(401)
  expect(await by({ host: 'evil.example' })).toBe(421)
})

it('replaces the socket of a killed server, respects that of a living one, and takes its own away', async () => {
  const home = temporaryFolder()
  const path = adminSocketPath(home)
  mkdirSync(join(home, 'run'))
  const stale = createServer().listen(`${path}.old`)
  await until(() => existsSync(`${path}.old`))
  const { renameSync } = await import('node:fs')
  renameSync(`${path}.old`, path)
  await new Promise((resolve) => stale.close(resolve))
  expect(existsSync(path)).toBe(true)
  const server = await testServer({ home })
  const settings = settingsOf({ home })
  const second = createApi(memoryDeps(), settings)
  await expect(second.start()).rejects.toMatchObject({ code: 'config.home-in-use' })
  await second.stop()
  expect(existsSync(path)).toBe(true)
  await server.api.stop()
  expect(existsSync(path)).toBe(false)
})

it('says clearly that a home is too long for a socket', async () => {
  const home = join(temporaryFolder(), 'h'.repeat(100))
  const api = createApi(memoryDeps(), settingsOf({ home }))
  await expect(api.start()).rejects.toMatchObject({
    code: 'config.home-unusable',
    message: expect.stringContaining('the system allows'),
  })
  await api.stop()
})

it('names host and port where it cannot listen', async () => {
  const { port } = await testServer()
  const home = temporaryFolder()
  const api = createApi(memoryDeps(), settingsOf({ port, home }))
  await expect(api.start()).rejects.toMatchObject({
    code: 'config.address-unusable',
    message: expect.stringContaining(`127.0.0.1:${port}`),
  })
  await api.stop()
  expect(existsSync(adminSocketPath(home))).toBe(false)
})

it('listens for other machines only where a live key exists', async () => {
  const deps = memoryDeps()
  const settings = settingsOf({ host: '0.0.0.0' })
  const refused = createApi(deps, settings)
  await expect(refused.start()).rejects.toMatchObject({ code: 'config.address-unusable' })
  const { id } = await deps.keys.create({ name: 'a', role: 'owner' })
  await deps.keys.revoke(id)
  await deps.keys.create({ name: 'b', role: 'owner', expiresAt: Date.now() - 1 })
  await expect(createApi(deps, settings).start()).rejects.toMatchObject({ code: 'config.address-unusable' })
  await deps.keys.create({ name: 'c', role: 'owner' })
  const api = createApi(deps, settings)
  await api.start()
  expect(api.url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/)
  await api.stop()
})

it('finishes what is in flight when it stops, is not ready, and takes no new connection', async () => {
  const server = await testServer({ shutdownGraceMs: 5000 })
  const id = await server.conversation()
  const kept = connect(server.port, '127.0.0.1')
  await once(kept, 'connect')
  const pending = server.post(`/api/conversations/${id}/messages`, { text: 'wait' })
  await until(() => server.deps.runtime.accepted.length === 1)
  const stopped = server.api.stop()
  const stranger = connect(server.port, '127.0.0.1')
  // Refused, or reset where the kernel had taken it a moment before: never served.
  expect(await new Promise((resolve) => stranger.once('error', resolve))).toMatchObject({
    code: expect.stringMatching(/^ECONN(REFUSED|RESET)$/),
  })
  kept.write('GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n')
  expect(String(await once(kept, 'data'))).toMatch(/^HTTP\/1\.1 503 [^]*\r\nConnection: close\r\n/)
  server.deps.runtime.release()
  const answer = await pending
  expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
  await stopped
})

it('ends streams with an event and waiting requests with 503 when the grace is over', async () => {
  const server = await testServer({ shutdownGraceMs: 400 })
  const post = async (init?: RequestInit) =>
    server.post(`/api/conversations/${await server.conversation()}/messages`, { text: 'wait' }, init)
  const ask = (stream: boolean) =>
    server.post('/v1/chat/completions', {
      model: 'covent/ada',
      stream,
      messages: [{ role: 'user', content: 'wait' }],
    })
  const streamed = await post({ headers: { accept: 'text/event-stream' } })
  const waiting = Promise.all([post(), ask(false), ask(true)])
  await until(() => server.deps.runtime.accepted.length === 2)
  const begun = performance.now()
  await server.api.stop()
  expect(performance.now() - begun).toBeLessThan(1000)
  const text = await streamed.text()
  expect(text).toMatch(/event: accepted[^]*event: end\ndata: \{"reason":"stopped"\}\n\n$/)
  const answers = await waiting
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503])
  expect(await answers[0].json()).toMatchObject({
    code: 'request.shutting-down',
    messageId: expect.stringMatching(/^msg_/),
  })
})

it('cuts a client that neither reads nor leaves when the grace is over', async () => {
  const server = await testServer({ shutdownGraceMs: 200 })
  const id = await server.conversation()
  const answer = await server.post(
    `/api/conversations/${id}/messages`,
    { text: 'big' },
    { headers: { accept: 'text/event-stream' } },
  )
  await server.api.stop()
  await expect(answer.text()).rejects.toThrow('terminated')
})

it('sends all of a long answer to a slow reader before it closes', async () => {
  const server = await testServer({ shutdownGraceMs: 5000 })
  const id = await server.conversation()
  await (await server.post(`/api/conversations/${id}/messages`, { text: 'big' })).text()
  const answer = await server.fetch(`/api/conversations/${id}/messages`)
  const stopped = server.api.stop()
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(((await answer.json()) as { items: { text: string }[] }).items[1]!.text).toHaveLength(8_000_000)
  await stopped
})

it('does not wait for connections that ask nothing, nor for answers to those that are gone', async () => {
  const server = await testServer({ shutdownGraceMs: 5000 })
  const silent = connect(server.port, '127.0.0.1')
  const gone = connect(server.port, '127.0.0.1')
  const post = (text: string): string => {
    const body = JSON.stringify({ model: 'covent/ada', messages: [{ role: 'user', content: text }] })
    return `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${server.owner}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  }
  gone.write(post('wait') + post('hello'))
  await until(() => server.deps.lines.length > 0)
  gone.destroy()
  await until(() => server.deps.runtime.aborted.length > 0)
  const begun = performance.now()
  await server.api.stop()
  expect(performance.now() - begun).toBeLessThan(1000)
  silent.destroy()
})

it('can be stopped when it never started', async () => {
  const api = createApi(memoryDeps(), settingsOf())
  await expect(api.stop()).resolves.toBeUndefined()
})
