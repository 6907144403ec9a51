import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from './hostile-case.ts'

export interface CaseResult {
  readonly id: string
  readonly outcome: Outcome | 'host ended' | 'host hung'
  readonly detail: string
  readonly ms: number
  /** By how much the host grew. */
  readonly rssMb: number
}
export type HostLine = CaseResult | { readonly port: number } | { readonly looping: number }

/** Only the host itself may write to its output. */
const forged: CaseResult = { id: '', outcome: 'broken', detail: 'wrote as the host', ms: 0, rssMb: 0 }

export interface HostileHost {
  readonly pid: number
  /** How it ended, once it has. */
  ended(): string | undefined
  /** Runs one case, while the host is asked for its health all the time. */
  run(id: string): Promise<CaseResult & { readonly p99Ms: number }>
  /** Leaves a plugin looping and returns its process. */
  loop(): Promise<number>
  kill(): Promise<void>
}

const script = new URL('throwaway-host.ts', import.meta.url).pathname
const patienceMs = 30_000

export interface HostOptions {
  /** Caps what it may allocate, where `prlimit` is installed. */
  readonly dataMb?: number
  /** For the level `container`. */
  readonly engine?: { readonly socket: string; readonly image: string }
  readonly patienceMs?: number
}

const command = (level: string, { dataMb, engine }: HostOptions): readonly string[] => [
  ...(dataMb === undefined ? [] : ['prlimit', `--data=${dataMb * 1_048_576}`]),
  process.execPath,
  '--conditions=@covent/source',
  '--disable-sigusr1',
  script,
  level,
  ...(engine === undefined ? [] : [engine.socket, engine.image]),
]

const askOnce = (port: number, agent: Agent): Promise<number> =>
  new Promise((resolve) => {
    const startedAt = performance.now()
    const done = (): void => resolve(performance.now() - startedAt)
    const request = get({ port, host: '127.0.0.1', path: '/health/live', agent }, (response) =>
      response.resume().once('end', done),
    )
    request.setTimeout(5_000, () => request.destroy())
    request.once('error', done)
  })

/** Asks for its health every few milliseconds until stopped, and says how long the slowest hundredth took. */
const watchHealth = (port: number): (() => Promise<number>) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const times: number[] = []
  const stop = new AbortController()
  const watching = (async () => {
    while (!stop.signal.aborted) {
      times.push(await askOnce(port, agent))
      await sleep(3)
    }
  })()
  return async () => {
    stop.abort()
    await watching
    agent.destroy()
    return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0
  }
}

/** A process that runs hostile plugins at that level. */
export const hostileHost = async (level: string, options: HostOptions = {}): Promise<HostileHost> => {
  const [program, ...args] = command(level, options)
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', options.dataMb ? 'ignore' : 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const exited = once(child, 'exit')
  child.stdin.on('error', () => {}) // its end is what is reported
  const next = async (): Promise<HostLine | undefined> => {
    const line = await lines.next()
    if (line.done === true) return undefined
    return line.value.startsWith('{') ? (JSON.parse(line.value) as HostLine) : forged
  }
  const first = await next()
  if (first === undefined || !('port' in first)) throw new Error('the host did not start')
  const ended = (): string | undefined =>
    child.exitCode === null && child.signalCode === null ? undefined : `${child.exitCode ?? child.signalCode}`
  const lost = async (id: string, hung: boolean): Promise<CaseResult> => {
    if (hung) child.kill('SIGKILL')
    await exited
    return { id, outcome: hung ? 'host hung' : 'host ended', detail: ended() ?? '', ms: 0, rssMb: 0 }
  }
  const runOnce = async (id: string): Promise<CaseResult> => {
    child.stdin.write(`${id}\n`)
    const line = await Promise.race([
      next(),
      sleep(options.patienceMs ?? patienceMs, 'hung' as const, { ref: false }),
    ])
    if (line === 'hung' || line === undefined) return lost(id, line === 'hung')
    return line as CaseResult
  }
  return {
    pid: child.pid!,
    ended,
    async run(id) {
      const healthEnd = watchHealth(first.port)
      const result = await runOnce(id)
      return { ...result, p99Ms: await healthEnd() }
    },
    async loop() {
      child.stdin.write('loop\n')
      return ((await next()) as { readonly looping: number }).looping
    },
    async kill() {
      child.kill('SIGKILL')
      if (ended() === undefined) await exited
    },
  }
}
