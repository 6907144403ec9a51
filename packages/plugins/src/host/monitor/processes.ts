import type { Clock, PluginStats } from '@covent/core'
import type { Sandbox } from '../../drivers/isolation-driver.ts'
import type { LoadedPlugin } from '../load-plugin.ts'
import type { ComponentCalls } from './component-calls.ts'

type ProcessStats = Pick<
  PluginStats,
  'starts' | 'instances' | 'startMs' | 'uptimeMs' | 'heartbeatAgeMs' | 'usage'
>
type Usage = NonNullable<PluginStats['usage']>

/** The processes of one plugin; more than one only while an old one drains. */
export interface Processes {
  begun(loaded: LoadedPlugin, startedAt: number): LoadedPlugin
  /** Returns how long the start took. */
  ready(): number
  /** As it was at the last heartbeat. */
  readonly usage: Usage | undefined
  readonly memoryLimitBytes: number
  readonly callTimeoutMs: number
  stats(): Promise<ProcessStats>
}

export interface ProcessesOptions {
  readonly clock: Clock
  readonly calls: Pick<ComponentCalls, 'run'>
  /** Its usage was read. */
  sampled(): void
  /** The last of its processes has ended. */
  ended(): void
}

/** One process. */
interface Run {
  readonly loaded: LoadedPlugin
  readonly startedAt: number
  readyAt: number | undefined
  seenAt: number
  usage: (Usage & { readonly at: number }) | undefined
}

/** Resident memory of a runner with the SDK and nothing of its plugin yet, bubblewrap's two processes included. */
const runnerBytes = 80 * 1_048_576

const sample = async (run: Run, clock: Clock): Promise<void> => {
  const now = await run.loaded.sandbox.usage()
  if (now === undefined || now.rssBytes === 0) return
  const at = clock.monotonic()
  const { usage: last, startedAt } = run
  const wallMs = at - (last?.at ?? startedAt)
  const cpuPercent = wallMs <= 0 ? 0 : ((now.cpuMs - (last?.cpuMs ?? 0)) / wallMs) * 100
  run.usage = { ...now, at, cpuPercent: Math.max(0, Math.round(cpuPercent * 10) / 10) }
}

interface Seeing {
  readonly clock: Clock
  readonly calls: Pick<ComponentCalls, 'run'>
  beaten(): void
}

const seenSandbox = (run: Run, { clock, calls, beaten }: Seeing): Sandbox => {
  const { sandbox } = run.loaded
  return {
    ...sandbox,
    call(name, input, options) {
      const { part = 'action', signal } = options
      const call = (): Promise<unknown> => sandbox.call(name, input, options)
      // An action is measured where its input and output are checked too.
      return part === 'action' ? call() : calls.run({ part, name, signal, call })
    },
    heartbeat() {
      const isAlive = sandbox.heartbeat()
      if (isAlive) run.seenAt = clock.monotonic()
      beaten()
      return isAlive
    },
  }
}

const statsOf = ({ usage, readyAt, seenAt }: Run, now: number): Partial<ProcessStats> => ({
  ...(readyAt !== undefined && { uptimeMs: now - readyAt }),
  heartbeatAgeMs: now - seenAt,
  ...(usage && { usage: { rssBytes: usage.rssBytes, cpuMs: usage.cpuMs, cpuPercent: usage.cpuPercent } }),
})

export const processes = ({ clock, calls, sampled, ended }: ProcessesOptions): Processes => {
  let starts = 0
  let startMs: number | undefined
  /** The last one is the newest; where it is given up, the one before it serves on. */
  let runs: readonly Run[] = []
  const current = (): Run | undefined => runs.at(-1)

  const begin = (run: Run): LoadedPlugin => {
    starts++
    runs = [...runs, run]
    void run.loaded.sandbox.exited.then(() => {
      runs = runs.filter((one) => one !== run)
      if (runs.length === 0) ended()
    })
    const beaten = (): void => void sample(run, clock).then(() => current() === run && sampled())
    return { ...run.loaded, sandbox: seenSandbox(run, { clock, calls, beaten }) }
  }
  return {
    begun: (loaded, startedAt) =>
      begin({ loaded, startedAt, readyAt: undefined, seenAt: clock.monotonic(), usage: undefined }),
    ready() {
      const run = current()
      if (run === undefined) return 0 // it has ended already
      run.readyAt = clock.monotonic()
      return (startMs = run.readyAt - run.startedAt)
    },
    get usage() {
      return current()?.usage
    },
    get memoryLimitBytes() {
      return runnerBytes + (current()?.loaded.manifest.limits.memoryMb ?? 0) * 1_048_576
    },
    get callTimeoutMs() {
      return current()?.loaded.manifest.limits.callTimeoutMs ?? Number.POSITIVE_INFINITY
    },
    async stats() {
      const run = current()
      if (run !== undefined) await sample(run, clock)
      return {
        starts,
        instances: runs.length,
        ...(startMs !== undefined && { startMs }),
        ...(run && statsOf(run, clock.monotonic())),
      }
    },
  }
}
