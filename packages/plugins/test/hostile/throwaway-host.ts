import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, systemClock } from '@covent/core'
import type { IsolationDriver, Sandbox } from '../../src/drivers/isolation-driver.ts'
import { containerDriver } from '../../src/drivers/container/container.ts'
import { inlineDriver } from '../../src/drivers/in-host/inline.ts'
import { workerDriver } from '../../src/drivers/in-host/worker.ts'
import { processDriver } from '../../src/drivers/process.ts'
import { weakProcessDriver } from '../../src/drivers/process-weak.ts'
import { callAction, emptySandbox, endSandbox, openPlugin } from '../../src/testing.ts'
import { layBait } from '../../src/testing/bait.ts'
import { hostilePlugin } from '../hostile-plugin.ts'
import { cases } from './cases.ts'
import type { Arena, HostileCase, Outcome } from './hostile-case.ts'
import type { CaseResult, HostLine } from './hostile-host.ts'

/*
 * A host that may be lost: it runs the cases whose ids come on its standard input, one after another, at the level that
 * its first argument names (with socket and image of a container engine), and says on its standard output what became of
 * each.
 */
const settings = { uid: 60_977 }
const [level = '', socket, image = ''] = process.argv.slice(2)
const drivers: Readonly<Record<string, () => IsolationDriver>> = {
  process: () => processDriver(settings, systemClock),
  'process-weak': () => weakProcessDriver(settings, systemClock),
  worker: () => workerDriver(systemClock),
  inline: () => inlineDriver(systemClock),
  container: () => containerDriver({ level: 'container', settings: { socket, image } }, systemClock),
}
const driver = drivers[level]!()
const bait = await layBait()
let signals = 0
process.on('SIGUSR1', () => signals++)
const health = createServer((_, response) => response.end('{"status":"ok"}')).listen(0, '127.0.0.1')

const say = (line: HostLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const exitGraceMs = 1_500

const endedSoon = (sandbox: Sandbox): Promise<boolean> =>
  Promise.race([sandbox.exited.then(() => true), sleep(exitGraceMs, false, { ref: false })])

const traces = (): string | undefined => {
  if (bait.hits() > 0) return `${bait.hits()} hits on the host’s listeners`
  if (signals > 0) return `${signals} signals`
  return 'polluted' in {} ? 'another Object.prototype' : undefined
}

const judge = async (
  { expected }: HostileCase,
  answer: PromiseSettledResult<string>,
  sandbox: Sandbox | undefined,
): Promise<{ readonly outcome: Outcome; readonly detail: string }> => {
  const trace = traces()
  if (trace !== undefined) return { outcome: 'broken', detail: trace }
  if (answer.status === 'fulfilled' && answer.value.startsWith('held'))
    return { outcome: 'held', detail: answer.value.slice(0, 120) }
  const mayEnd = expected !== 'held' || answer.status === 'rejected'
  if (sandbox === undefined || (mayEnd && (await endedSoon(sandbox)))) {
    const error: unknown = sandbox === undefined ? undefined : (await sandbox.exited).error
    return { outcome: 'killed', detail: AppError.is(error) ? error.code : 'at its load' }
  }
  if (answer.status === 'fulfilled') return { outcome: 'broken', detail: answer.value.slice(0, 120) }
  return { outcome: 'held', detail: String(answer.reason).slice(0, 120) }
}

const run = async (hostile: HostileCase): Promise<CaseResult> => {
  let sandbox: Sandbox | undefined
  const arena: Arena = {
    targets: bait,
    spawn: async (spec) => (sandbox = await emptySandbox(driver, spec)),
    open: async (plugin, spec) => (sandbox = await openPlugin(driver, plugin, spec)),
  }
  const before = process.memoryUsage.rss()
  const startedAt = performance.now()
  const [answer] = await Promise.allSettled([hostile.drive(arena)])
  const { outcome, detail } = await judge(hostile, answer, sandbox)
  const ms = Math.round(performance.now() - startedAt)
  const rssMb = (process.memoryUsage.rss() - before) / 1_048_576
  if (sandbox !== undefined) await endSandbox(sandbox)
  return { id: hostile.id, outcome, detail, ms, rssMb }
}

/** Leaves a plugin looping, to see that it does not outlive this process. */
const leaveLooping = async (): Promise<number> => {
  const sandbox = await openPlugin(driver, hostilePlugin)
  void callAction(sandbox, { action: 'hog', timeoutMs: 60_000 }).catch(() => {})
  return sandbox.pid!
}

health.once('listening', () => say({ port: (health.address() as AddressInfo).port }))
for await (const id of createInterface({ input: process.stdin })) {
  if (id === 'loop') say({ looping: await leaveLooping() })
  else say(await run(cases.find((hostile) => hostile.id === id)!))
}
await bait.close()
process.exit(0)
