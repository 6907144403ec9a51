import type { Clock } from '@covent/core'
import { type ProcessTree, processTree } from '../../channel/ends/process-usage.ts'

export interface WatchOptions {
  readonly pid: number
  /** Undefined where something else holds it. */
  readonly memoryBytes: number | undefined
  readonly cpuPercent: number | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
  onOutOfMemory(): void
}

const everyMs = 250
/** While a share is overdrawn, turns are short, so that the mean holds. */
const turnMs = 25
const longestRestMs = 500

const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended.
    }
  }
}

/** Stops the processes for a while. They go on also where the watch ends meanwhile. */
const rest = async ({ pids }: ProcessTree, ms: number, { clock, signal }: WatchOptions): Promise<void> => {
  signalAll(pids, 'SIGSTOP')
  try {
    await clock.sleep(ms, signal)
  } finally {
    signalAll(pids, 'SIGCONT')
  }
}

/**
 * Holds limits where the kernel does not: looks at the processes again and again, ends those that use too much memory,
 * and lets those rest that used more than their share of a processor. Rejects when the signal aborts.
 */
export const watchUsage = async (options: WatchOptions): Promise<never> => {
  const { pid, clock, signal, memoryBytes = Number.POSITIVE_INFINITY, onOutOfMemory } = options
  const share = (options.cpuPercent ?? Number.POSITIVE_INFINITY) / 100
  const baseline = processTree(pid).rssBytes
  let { cpuMs } = processTree(pid)
  let lookedAt = clock.monotonic()
  let overdrawnMs = 0
  for (;;) {
    await clock.sleep(overdrawnMs > 0 ? turnMs : everyMs, signal)
    const tree = processTree(pid)
    if (tree.rssBytes - baseline > memoryBytes) onOutOfMemory()
    const now = clock.monotonic()
    overdrawnMs = Math.max(0, overdrawnMs + tree.cpuMs - cpuMs - (now - lookedAt) * share)
    cpuMs = tree.cpuMs
    lookedAt = now
    if (overdrawnMs > 0) await rest(tree, Math.min(longestRestMs, overdrawnMs / share), options)
  }
}
