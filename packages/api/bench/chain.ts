import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'

interface Ready {
  readonly url: string
  readonly key?: string
  readonly conversation?: string
}

const serve = async (what: 'bare' | 'full'): Promise<{ child: ChildProcess; ready: Ready }> => {
  const child = fork(new URL('./serve.ts', import.meta.url), [what], {
    execArgv: ['--conditions=@covent/source'],
  })
  const [{ ready }] = (await once(child, 'message')) as [{ ready: Ready }]
  return { child, ready }
}

const cpuUs = async (child: ChildProcess): Promise<number> => {
  child.send('cpu')
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }]
  return cpu.user + cpu.system
}

/** Sends one request after another on each of some connections. */
const load = (port: number, request: string, count: number): Promise<void> => {
  const connections = 16
  const bytes = Buffer.from(request)
  const one = (times: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      let left = times
      socket.on('data', (chunk) => {
        if (!chunk.toString('latin1', 0, 12).startsWith('HTTP/1.1 2')) reject(new Error(chunk.toString()))
        if (--left > 0) socket.write(bytes)
        else socket.end(resolve)
      })
      socket.on('error', reject)
      socket.setNoDelay(true).write(bytes)
    })
  return Promise.all(Array.from({ length: connections }, () => one(count / connections))).then(
    () => undefined,
  )
}

const get = (path: string, key?: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: bench\r\n${key === undefined ? '' : `Authorization: Bearer ${key}\r\n`}\r\n`

const post = ({ key, conversation }: Ready): string => {
  const body = JSON.stringify({ text: 'hello' })
  const headers = `Host: localhost\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`
  return `POST /api/conversations/${conversation}/messages HTTP/1.1\r\n${headers}\r\n\r\n${body}`
}

interface Case {
  readonly child: ChildProcess
  readonly port: number
  readonly request: string
}

const perRequest = async ({ child, port, request }: Case, count: number): Promise<number> => {
  const before = await cpuUs(child)
  await load(port, request, count)
  return ((await cpuUs(child)) - before) / count
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** CPU of the server process per request, in microseconds: medians of rounds that take turns. */
export const run = async (rounds = 15, count = 4000) => {
  const [bare, full] = await Promise.all([serve('bare'), serve('full')])
  const portOf = ({ ready }: { ready: Ready }): number => Number(new URL(ready.url).port)
  const cases = {
    bareExpress: { child: bare.child, port: portOf(bare), request: get('/hello') },
    authenticatedGet: {
      child: full.child,
      port: portOf(full),
      request: get(`/api/conversations/${full.ready.conversation}`, full.ready.key),
    },
    models: { child: full.child, port: portOf(full), request: get('/v1/models', full.ready.key) },
    postedMessage: { child: full.child, port: portOf(full), request: post(full.ready) },
  }
  const rows: Record<string, number>[] = []
  for (const one of Object.values(cases)) await perRequest(one, count)
  for (let round = 0; round < rounds; round++) {
    const row: Record<string, number> = {}
    for (const [name, one] of Object.entries(cases)) row[name] = await perRequest(one, count)
    rows.push(row)
  }
  bare.child.kill()
  full.child.kill()
  const names = Object.keys(cases)
  const cpuUsPerRequest = Object.fromEntries(
    names.map((name) => [name, median(rows.map((row) => row[name]!))]),
  )
  return {
    cpuUsPerRequest,
    shareOfBare: median(rows.map((row) => row['bareExpress']! / row['authenticatedGet']!)),
  }
}

if (import.meta.main) console.log(await run())
