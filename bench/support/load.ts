import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly failures: number
  /** CPU that the server used per request, user and system, in microseconds. */
  readonly cpuUsPerRequest: number
}

export interface LoadPlan {
  readonly port: number
  /** Of the server, whose CPU time is read. */
  readonly pid: number
  readonly connections: number
  readonly seconds: number
  readonly warmupSeconds?: number
  readonly requests: readonly string[]
  /** Sends at this rate; as fast as they are answered without it. */
  readonly perSecond?: number
}

/** CPU seconds of a process so far, from the kernel (in ticks of 10 ms). */
export const cpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Resident memory of a process in MB. */
export const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

/** Runs the load client, a process of its own, and measures the server beside it. */
export const load = async (plan: LoadPlan): Promise<LoadResult> => {
  const warmupSeconds = plan.warmupSeconds ?? 1
  const child = spawn(process.execPath, [join(import.meta.dirname, 'load-client.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify({ ...plan, warmupSeconds }))
  const result = json(child.stdout) as Promise<Omit<LoadResult, 'cpuUsPerRequest'>>
  // The client needs a moment to start; the CPU window lies inside its measured seconds and is scaled by its rate.
  await sleep((warmupSeconds + 0.6) * 1000)
  const before = cpuSeconds(plan.pid)
  const windowSeconds = plan.seconds - 1.2
  await sleep(windowSeconds * 1000)
  const used = cpuSeconds(plan.pid) - before
  const { requests, seconds, ...rest } = await result
  if (rest.failures > 0) throw new Error(`${rest.failures} requests failed`)
  return {
    requests,
    seconds,
    ...rest,
    cpuUsPerRequest: (used / ((requests / seconds) * windowSeconds)) * 1e6,
  }
}

export const getRequest = (path: string, headers: Readonly<Record<string, string>> = {}): string =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines(headers)}\r\n`

export const postRequest = (
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): string => {
  const text = JSON.stringify(body)
  const all = {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(text)),
    ...headers,
  }
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines(all)}\r\n${text}`
}

const lines = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
