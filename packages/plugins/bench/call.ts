import { spawnSync } from 'node:child_process'
import { systemClock } from '@covent/core'
import { processDriver } from '../src/drivers/process.ts'
import type { Sandbox } from '../src/drivers/isolation-driver.ts'
import { callAction, endSandbox, openPlugin } from '../src/testing.ts'

const plugin = `
import { definePlugin, z } from '@covent/plugin-sdk'
const action = (run) => ({ description: 'x', effect: 'read', input: z.any(), output: z.any(), run })
export default definePlugin({
  id: 'acme.bench', version: '1.0.0', type: 'utility', description: 'Answers at once.',
  actions: { echo: action(async (input) => input), hog: action(async () => { for (;;); }) },
})`

const now = (): number => performance.now()
const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(sorted.length * share)] ?? 0

const timed = async (work: () => unknown): Promise<number> => {
  const startedAt = now()
  await work()
  return now() - startedAt
}

const sequential = async (sandbox: Sandbox, input: unknown, count: number): Promise<object> => {
  const times: number[] = []
  for (let n = 0; n < count; n++)
    times.push(await timed(() => callAction(sandbox, { action: 'echo', input })))
  const perSecond = Math.round(count / (times.reduce((sum, ms) => sum + ms, 0) / 1_000))
  const sorted = times.toSorted((a, b) => a - b)
  return {
    p50us: Math.round(at(sorted, 0.5) * 1_000),
    p99us: Math.round(at(sorted, 0.99) * 1_000),
    perSecond,
  }
}

const pipelined = async (sandbox: Sandbox, count: number): Promise<number> => {
  const lane = async (): Promise<void> => {
    for (let n = 0; n < count / 60; n++) await callAction(sandbox, { action: 'echo', input: 1 })
  }
  const ms = await timed(() => Promise.all(Array.from({ length: 60 }, lane)))
  return Math.round(count / (ms / 1_000))
}

const report = (measure: string, figures: unknown): void => console.log(JSON.stringify({ measure, figures }))

const driver = processDriver({ uid: 60_977 }, systemClock)
const sandbox = await openPlugin(driver, plugin)
await sequential(sandbox, 1, 5_000)
report('tiny call', await sequential(sandbox, 1, 20_000))
report('64 KiB call', await sequential(sandbox, 'x'.repeat(65_536), 1_000))
report('tiny calls, 60 in flight, per second', await pipelined(sandbox, 60_000))
await endSandbox(sandbox)

const bareMs = await timed(() => spawnSync(process.execPath, ['-e', '0']))
let fresh: Sandbox | undefined
const startMs = await timed(async () => (fresh = await openPlugin(driver, plugin)))
report('cold start', { startMs, bareMs, ratio: startMs / bareMs })
const timeoutMs = 500
const hogMs = await timed(() => callAction(fresh!, { action: 'hog', timeoutMs }).catch(() => {}))
report('a loop is killed after its deadline, ms', hogMs - timeoutMs)
