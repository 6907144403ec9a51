import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { systemClock } from '@covent/core'
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
  actions: { echo: action(async (input) => input), hog: action(async () => { for (;;); }) },
})`

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

export interface CallFigures {
  readonly tinyUs: number
  readonly largeUs: number
  readonly pipelinedPerSecond: number
}

const callsOf = async (driver: IsolationDriver): Promise<CallFigures> => {
  const sandbox = await openPlugin(driver, plugin)
  await sequential(sandbox, 1, 5_000)
  const figures = {
    tinyUs: await sequential(sandbox, 1, 10_000),
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

export interface SandboxFigures {
  readonly process: CallFigures
  readonly worker: CallFigures
  readonly inline: CallFigures
  readonly startMs: number
  readonly bareMs: number
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
  process: await callsOf(driver),
  worker: await callsOf(workerDriver(systemClock)),
  inline: await callsOf(inlineDriver(systemClock)),
})
