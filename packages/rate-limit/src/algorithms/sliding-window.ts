import type { RatePolicy } from '@covent/core'
import type { Algorithm } from './algorithm.ts'

/** The window is counted in this many parts, and the one that has just begun. */
export const parts = 4
const counters = parts + 1

/**
 * Counts in parts of the window and forgets a part when all of it has passed, so that no window ever sees more than the limit;
 * who uses all of it waits up to a quarter longer. (To fade the oldest part out by its share would let through twice the limit
 * after a burst at its end.) State: number of the newest part, and five counts in a ring.
 */
export const slidingWindow = ({ limit, windowSeconds }: RatePolicy): Algorithm => {
  const partMs = (windowSeconds * 1_000) / parts
  const numberOf = (nowMs: number): number => Math.floor(nowMs / partMs) + 1
  /** Empties the counts of parts that have begun since. */
  const turnTo = (state: Float64Array, at: number, newest: number): void => {
    const passed = Math.min(newest - state[at]!, counters)
    for (let n = 0; n < passed; n++) state[at + 1 + ((newest - n) % counters)] = 0
    if (passed > 0) state[at] = newest
  }
  /** Oldest first. */
  const countsOf = (state: Float64Array, at: number): readonly number[] =>
    Array.from({ length: counters }, (_, n) => state[at + 1 + ((state[at]! + 1 + n) % counters)]!)

  return {
    width: 1 + counters,
    isIdle: (state, at, nowMs) => numberOf(nowMs) - state[at]! >= counters,
    over: (table) => (key, cost, nowMs) => {
      const at = table.place(key, nowMs)
      const { state } = table
      turnTo(state, at, numberOf(nowMs))
      const counts = countsOf(state, at)
      const counted = counts.reduce((total, count) => total + count, 0)
      const allowed = counted + cost <= limit
      if (allowed) state[at + 1 + (state[at]! % counters)]! += cost
      const begunMs = nowMs % partMs
      return {
        allowed,
        remaining: Math.max(0, limit - counted - (allowed ? cost : 0)),
        retryAfterMs: allowed ? 0 : partsUntil(counts, counted + cost - limit) * partMs - begunMs,
        resetMs: counters * partMs - begunMs,
      }
    },
  }
}

/** How many parts have to pass until that much is forgotten. */
const partsUntil = (counts: readonly number[], excess: number): number => {
  let left = excess
  const at = counts.findIndex((count) => (left -= count) <= 0)
  return at + 1
}
