import type { Clock } from '@covent/core'
import { addDuration, type Durations, durations, quantile } from './durations.ts'

interface Period {
  readonly startedAt: number
  readonly took: Durations
  faults: number
  denied: number
}

/** Calls of the last half minute to minute. */
export interface RecentCalls {
  add(ms: number, isFault: boolean): void
  deny(): void
  read(): {
    readonly calls: number
    readonly faults: number
    readonly denied: number
    readonly p99Ms: number
  }
}

const periodMs = 30_000
/** After this time of silence nothing is recent. */
export const recentMs = 2 * periodMs

export const recentCalls = (clock: Clock): RecentCalls => {
  const period = (): Period => ({
    startedAt: clock.monotonic(),
    took: durations(),
    faults: 0,
    denied: 0,
  })
  let before = period()
  let current = before
  const now = (): Period => {
    const age = clock.monotonic() - current.startedAt
    if (age < periodMs) return current
    before = age < recentMs ? current : period()
    current = period()
    return current
  }
  return {
    add(ms, isFault) {
      const { took } = now()
      addDuration(took, ms)
      if (isFault) current.faults++
    },
    deny() {
      now().denied++
    },
    read() {
      now()
      const both = [...new Set([before, current])]
      const sum = (of: (one: Period) => number): number => both.reduce((total, one) => total + of(one), 0)
      return {
        calls: sum(({ took }) => took.count),
        faults: sum(({ faults }) => faults),
        denied: sum(({ denied }) => denied),
        p99Ms: quantile(
          both.map(({ took }) => took),
          0.99,
        ),
      }
    },
  }
}
