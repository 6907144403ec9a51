import type { RatePolicy } from '@covent/core'
import { type Algorithm, burstOf } from './algorithm.ts'

/**
 * The generic cell rate algorithm: one number per key, the time at which its bucket is full again. A sliding window sees at
 * most `limit + burst`.
 */
export const gcra = (policy: RatePolicy): Algorithm => {
  const intervalMs = (policy.windowSeconds * 1_000) / policy.limit
  const toleranceMs = burstOf(policy) * intervalMs
  return {
    width: 1,
    isIdle: (state, at, nowMs) => state[at]! <= nowMs,
    over: (table) => (key, cost, nowMs) => {
      const at = table.place(key, nowMs)
      const fullAt = Math.max(table.state[at]!, nowMs)
      const next = fullAt + cost * intervalMs
      const excessMs = next - nowMs - toleranceMs
      // Times are sums of fractions: a thousandth of an interval is none.
      const allowed = excessMs <= intervalMs / 1_000
      if (allowed) table.state[at] = next
      const resetMs = (allowed ? next : fullAt) - nowMs
      return {
        allowed,
        remaining: Math.max(0, Math.floor((toleranceMs - resetMs) / intervalMs + 0.001)),
        retryAfterMs: allowed ? 0 : excessMs,
        resetMs,
      }
    },
  }
}
