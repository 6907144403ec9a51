import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@covent/core'
import { encodeFrame } from '@covent/plugin-sdk/protocol'
import { inlineDriver } from '../src/drivers/in-host/inline.ts'
import { workerDriver } from '../src/drivers/in-host/worker.ts'
import type { IsolationDriver, Sandbox } from '../src/drivers/isolation-driver.ts'
import { processDriver } from '../src/drivers/process.ts'
import { callAction, endSandbox, openPlugin } from '../src/testing.ts'

const plugin = `
import { definePlugin, z } from '@covent/plugin-sdk'
const action = (run) => ({ description: 'x', effect: 'read', input: z.any(), output: z.any(), run })
export default definePlugin({
  id: 'acme.bench', version: '1.0.0', type: 'utility', description: 'Answers at once.',
  actions: { echo: action(async (input) => input), hog: action(async () => { for (;;); }),
    bomb: action(async () => { for (const all = []; ; ) all.push(Buffer.alloc(4_194_304, 1)) }) },
})`

/** The same plugin with 100 KB of code that it never runs. */
const largePlugin =
  plugin + Array.from({ length: 2_200 }, (_, n) => `\nconst f${n} = (a, b) => a.x${n} ?? b + ${n}`).join('')

const now = (): number => performance.now()
const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!

const timed = async (work: () => unknown): Promise<number> => {
  const startedAt = now()
  await work()
  return now() - startedAt
}

const sequential = async (sandbox: Sandbox, input: unknown, count: number): Promise<number> => {
  const times: number[] = []
  for (let n = 0; n < count; n++)
    times.push(await timed(() => callAction(sandbox, { action: 'echo', input })))
  return median(times) * 1_000
}

const pipelined = async (sandbox: Sandbox, count: number): Promise<number> => {
  const lane = async (): Promise<void> => {
    for (let n = 0; n < count / 60; n++) await callAction(sandbox, { action: 'echo', input: 1 })
  }
  const ms = await timed(() => Promise.all(Array.from({ length: 60 }, lane)))
  return count / (ms / 1_000)
}

/** The least that any pipe costs: a Node process that sends back the bytes of a tiny call, and reads none of them. */
const bareEchoUs = async (): Promise<number> => {
  const code = `const s = new (require('node:net').Socket)({ fd: 3 }); s.on('data', (bytes) => s.write(bytes))`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
  const socket = child.stdio[3] as Duplex
  const bytes = encodeFrame({ kind: 'call', id: 1, action: 'echo', input: 1, call: { character: 'nobody' } })
  let answered = (): void => {}
  socket.on('data', () => answered())
  const echo = (): Promise<void> =>
    new Promise((resolve) => {
      answered = resolve
      socket.write(bytes)
    })
  const times: number[] = []
  for (let n = 0; n < 15_000; n++) times.push(await timed(echo))
  child.kill()
  return median(times.slice(5_000)) * 1_000
}

export interface CallFigures {
  readonly tinyUs: number
  readonly perSecond: number
  readonly largeUs: number
  readonly pipelinedPerSecond: number
}

const callsOf = async (driver: IsolationDriver): Promise<CallFigures> => {
  const sandbox = await openPlugin(driver, plugin)
  await sequential(sandbox, 1, 5_000)
  const startedAt = now()
  const tinyUs = await sequential(sandbox, 1, 10_000)
  const figures = {
    tinyUs,
    perSecond: 10_000 / ((now() - startedAt) / 1_000),
    largeUs: await sequential(sandbox, 'x'.repeat(65_536), 1_000),
    pipelinedPerSecond: await pipelined(sandbox, 60_000),
  }
  await endSandbox(sandbox)
  return figures
}

const childrenOf = (pid: number): readonly number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )

/** Of a process and all that it started. */
const pssMb = (pid: number): number => {
  const kb = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])
  return kb / 1_024 + childrenOf(pid).reduce((sum, child) => sum + pssMb(child), 0)
}

const driver = processDriver({ uid: 60_977 }, systemClock)

const idle = async (count: number): Promise<number> => {
  const sandboxes = await Promise.all(Array.from({ length: count }, () => openPlugin(driver, plugin)))
  const all = sandboxes.map(({ pid }) => pssMb(pid!))
  await Promise.all(sandboxes.map(endSandbox))
  return all.reduce((sum, mb) => sum + mb, 0) / count
}

const starts = async (): Promise<{ readonly startMs: number; readonly bareMs: number }> => {
  const startMs: number[] = []
  const bareMs: number[] = []
  for (let round = 0; round < 5; round++) {
    bareMs.push(await timed(() => spawnSync(process.execPath, ['-e', '0'])))
    let sandbox: Sandbox | undefined
    startMs.push(await timed(async () => (sandbox = await openPlugin(driver, plugin))))
    await endSandbox(sandbox!)
  }
  return { startMs: median(startMs), bareMs: median(bareMs) }
}

const hogLateMs = async (): Promise<number> => {
  const timeoutMs = 500
  const sandbox = await openPlugin(driver, plugin)
  const ms = await timed(async () => {
    await callAction(sandbox, { action: 'hog', timeoutMs }).catch(() => {})
    await sandbox.exited
  })
  return ms - timeoutMs
}

/** From the claim of a process that waits until its plugin is described. */
const warmMs = async (): Promise<number> => {
  const limits = { memoryMb: 64 }
  const warm = processDriver({ uid: 60_977, warm: 1 }, systemClock)
  await using _ = warm.keepWarm!(limits)
  const times: number[] = []
  for (let round = 0; round < 7; round++) {
    await sleep(2_000) // another one is started a second after the last was taken
    let sandbox: Sandbox | undefined
    times.push(await timed(async () => (sandbox = await openPlugin(warm, largePlugin, limits))))
    await endSandbox(sandbox!)
  }
  return median(times)
}

const bomb = async (): Promise<{ readonly deadMs: number; readonly hostMb: number }> => {
  const sandbox = await openPlugin(driver, plugin)
  const rss = process.memoryUsage.rss()
  const deadMs = await timed(async () => {
    void callAction(sandbox, { action: 'bomb' }).catch(() => {})
    await sandbox.exited
  })
  return { deadMs, hostMb: (process.memoryUsage.rss() - rss) / 1_048_576 }
}

export interface SandboxFigures {
  readonly process: CallFigures
  readonly worker: CallFigures
  readonly inline: CallFigures
  readonly startMs: number
  readonly bareMs: number
  readonly bareEchoUs: number
  readonly warmMs: number
  readonly bomb: { readonly deadMs: number; readonly hostMb: number }
  readonly hogLateMs: number
  readonly alonePssMb: number
  readonly eightPssMb: number
}

/** Calls, starts and memory of sandboxes, beside the same calls in a thread and in this process. */
export const run = async (): Promise<SandboxFigures> => ({
  ...(await starts()),
  alonePssMb: await idle(1),
  eightPssMb: await idle(8),
  hogLateMs: await hogLateMs(),
  warmMs: await warmMs(),
  bomb: await bomb(),
  bareEchoUs: await bareEchoUs(),
  process: await callsOf(driver),
  worker: await callsOf(workerDriver(systemClock)),
  inline: await callsOf(inlineDriver(systemClock)),
})
