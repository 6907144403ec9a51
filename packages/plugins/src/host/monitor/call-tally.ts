import type { CallStats } from '@covent/core'
import { addDuration, durations, quantile } from './durations.ts'

/** Counts calls. */
export interface CallTally {
  /** `code` is that of the error with which it ended. */
  add(ms: number, code?: string): void
  stats(): CallStats
}

const codesKept = 32

export const callTally = (): CallTally => {
  const took = durations()
  const codes = new Map<string, number>()
  let errors = 0
  return {
    add(ms, code) {
      addDuration(took, ms)
      if (code === undefined) return
      errors++
      const key = codes.has(code) || codes.size < codesKept ? code : 'other'
      codes.set(key, (codes.get(key) ?? 0) + 1)
    },
    stats: () => ({
      calls: took.count,
      errors,
      errorsByCode: Object.fromEntries(codes),
      p50Ms: quantile([took], 0.5),
      p95Ms: quantile([took], 0.95),
      p99Ms: quantile([took], 0.99),
    }),
  }
}
