import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { compileCache, temporaryFolder } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { clientOf, overSocket, requests, serverFile, startServer } from './support.ts'

/** Runs a server that is expected to refuse, and gives its exit code, its words and how long it took. */
const refusal = (home: string, env: Record<string, string> = {}, words: string[] = []) => {
  const started = performance.now()
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [
      '--conditions=@covent/source',
      '--disable-warning=ExperimentalWarning',
      '--disable-sigusr1',
      serverFile,
      ...words,
    ],
    {
      encoding: 'utf8',
      timeout: 10_000,
      env: {
        ...process.env,
        NODE_COMPILE_CACHE: compileCache,
        COVENT_HOME: home,
        COVENT_HTTP__PORT: '0',
        ...env,
      },
    },
  )
  return { status, words: stderr + stdout, seconds: (performance.now() - started) / 1000 }
}

// Other work on this machine delays a start too: what is slow by itself is slow each time.
describe('a start that cannot succeed ends within five seconds and names the reason', { retry: 2 }, () => {
  it.each([
    ['an unknown key', '{\n  http: {\n    prot: 7420\n  }\n}', /http\.prot.*line 3|line 3.*http\.prot/s],
    [
      'a wrong value',
      '{ http: { bodyLimitBytes: "many" } }',
      /http\.bodyLimitBytes.*line 1|line 1.*http\.bodyLimitBytes/s,
    ],
    ['no JSON5', '{ http: {', /covent\.json.*line 1|line 1/s],
  ])('%s in covent.json', (_, text, words) => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'covent.json'), text)
    const result = refusal(home)
    expect(result.status).toBe(1)
    expect(result.words).toMatch(words)
    expect(result.words).not.toContain(' at ')
    expect(result.seconds).toBeLessThan(5)
    expect(existsSync(join(home, 'data'))).toBe(false)
  })

  it('proposes the nearest name', () => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'covent.json'), '{ http: { prot: 7420 } }')
    expect(refusal(home).words).toContain('http.port')
    expect(refusal(temporaryFolder(), { COVENT_HTTP__PROT: '1' }).words).toMatch(
      /COVENT_HTTP__PROT.*COVENT_HTTP__PORT/s,
    )
  })

  it('a file that --config names and that is missing', () => {
    const result = refusal(temporaryFolder(), {}, ['--config', '/nowhere/covent.json'])
    expect(result).toMatchObject({ status: 1, words: expect.stringContaining('/nowhere/covent.json') })
  })

  it('a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const result = refusal(temporaryFolder(), { COVENT_HTTP__PORT: String(port) })
    taken.close()
    expect(result).toMatchObject({ status: 1, words: expect.stringContaining(String(port)) })
    expect(result.seconds).toBeLessThan(5)
  })

  it('an address outside this machine while no key exists', async () => {
    const home = temporaryFolder()
    const result = refusal(home, { COVENT_HTTP__HOST: '0.0.0.0' })
    expect(result.status).toBe(1)
    expect(result.words).toMatch(/0\.0\.0\.0.*keys create/s)
    const server = await startServer(home)
    await clientOf(server, home)
    await server.stop()
    const open = await startServer(home, { COVENT_HTTP__HOST: '0.0.0.0' })
    expect(await open.stop()).toBe(0)
  })

  it('a home that is a file', () => {
    const file = join(temporaryFolder(), 'home')
    writeFileSync(file, '')
    expect(refusal(file)).toMatchObject({ status: 1, words: expect.stringContaining(file) })
  })

  it('a home that another server holds, whose pid it names', async () => {
    const home = temporaryFolder()
    const holder = await startServer(home)
    expect(refusal(home)).toMatchObject({
      status: 1,
      words: expect.stringContaining(String(holder.ready.pid)),
    })
    await holder.kill()
    expect(await (await startServer(home)).stop()).toBe(0)
  })

  it('a model secret that is missing, by name', () => {
    const env = {
      COVENT_MODELS__PROVIDERS__LOCAL__KIND: 'openai-compatible',
      COVENT_MODELS__PROVIDERS__LOCAL__BASE_URL: 'http://127.0.0.1:9/v1',
      COVENT_MODELS__PROVIDERS__LOCAL__SECRET: 'LOCAL_KEY',
    }
    expect(refusal(temporaryFolder(), env)).toMatchObject({
      status: 1,
      words: expect.stringContaining('COVENT_SECRET_LOCAL_KEY'),
    })
  })
})

describe('the home', () => {
  it('is closed to everybody but its owner', async () => {
    const home = join(temporaryFolder(), 'home')
    mkdirSync(home, { mode: 0o755 })
    await startServer(home)
    const mode = (path: string): number => statSync(join(home, path)).mode & 0o777
    expect([mode('.'), mode('data'), mode('run')]).toEqual([0o700, 0o700, 0o700])
    expect([mode('data/covent.db'), mode('run/admin.sock')]).toEqual([0o600, 0o600])
  })
})

describe('a server that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('finishes what is in flight and exits 0 at %s', async (name) => {
    const home = temporaryFolder()
    const server = await startServer(home)
    const { key, post } = await clientOf(server, home)
    const { id } = (await (await post('/api/conversations', {})).json()) as { id: string }
    const client = requests(server.ready.url, key)
    const answers = Array.from({ length: 20 }, (_, n) =>
      client.post(`/api/conversations/${id}/messages`, { text: `Hello ${n}` }),
    )
    await Promise.race(answers)
    server.signal(name)
    const codes = await Promise.all(
      answers.map((answer) =>
        answer.then(
          ({ status }) => status,
          () => 'refused',
        ),
      ),
    )
    expect(await server.exited).toEqual({ code: 0, signal: null })
    const answered = codes.filter((code) => code === 200).length
    expect(codes.every((code) => [200, 503, 'refused'].includes(code as never))).toBe(true)
    const again = await startServer(home)
    const stored = await requests(again.ready.url, key).get<{ items: { role: string; status: string }[] }>(
      `/api/conversations/${id}/messages?limit=100`,
    )
    await sleep(200)
    expect(stored.items.filter(({ role }) => role === 'user').length).toBeGreaterThanOrEqual(answered)
  })

  it('exits at once at a second signal', async () => {
    const home = temporaryFolder()
    const upstream = createServer(() => {}).listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const { port } = upstream.address() as { port: number }
    const server = await startServer(home, {
      COVENT_MODELS__DEFAULT: 'hanging/x',
      COVENT_MODELS__PROVIDERS__HANGING__KIND: 'openai-compatible',
      COVENT_MODELS__PROVIDERS__HANGING__BASE_URL: `http://127.0.0.1:${port}/v1`,
    })
    const body = { model: 'covent/assistant', messages: [{ role: 'user', content: 'Hello' }] }
    const pending = overSocket(home, { method: 'POST', path: '/v1/chat/completions', body }).catch(
      () => undefined,
    )
    await sleep(200)
    server.signal('SIGTERM')
    await sleep(500)
    server.signal('SIGTERM')
    const { code } = await server.exited
    expect(code).toBe(143)
    await pending
    upstream.close()
  })
})

describe('the server process', () => {
  it('cannot be opened by the inspector’s signal, also when it was started without the flag', async () => {
    const home = temporaryFolder()
    const env = {
      ...process.env,
      NODE_COMPILE_CACHE: compileCache,
      COVENT_HOME: home,
      COVENT_HTTP__PORT: '0',
    }
    const child = spawn(process.execPath, ['--conditions=@covent/source', serverFile], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const chunk of child.stdout) if (String(chunk).includes('"ready"')) break
    expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).toContain('--disable-sigusr1')
    child.kill('SIGTERM')
    expect((await once(child, 'exit'))[0]).toBe(0)
  })
})
