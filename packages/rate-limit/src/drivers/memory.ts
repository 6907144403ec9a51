import { type Clock, type RateLimiter, type RateLimits, type RatePolicy, systemClock } from '@covent/core'
import { type Algorithm, burstOf, unfit } from '../algorithms/algorithm.ts'
import { gcra } from '../algorithms/gcra.ts'
import { slidingWindow } from '../algorithms/sliding-window.ts'
import { keyTable } from '../key-table.ts'

export interface MemoryRateLimitsOptions {
  readonly clock?: Clock
  /** Keys of one policy that are told apart; 100,000 when absent. */
  readonly mostKeys?: number
}

const algorithmOf = (policy: RatePolicy): Algorithm =>
  policy.algorithm === 'sliding-window' ? slidingWindow(policy) : gcra(policy)

/** Counts in this process. Verdicts come at once. */
export const memoryRateLimits = ({
  clock = systemClock,
  mostKeys = 100_000,
}: MemoryRateLimitsOptions = {}): RateLimits => {
  const limiters = new Map<string, RateLimiter>()
  const make = (policy: RatePolicy): RateLimiter => {
    const { width, isIdle, over } = algorithmOf(policy)
    const decide = over(keyTable({ width, mostKeys, isIdle }))
    const most = burstOf(policy)
    return {
      consume(key, cost = 1) {
        if (!(cost > 0 && cost <= most)) throw unfit(policy, cost)
        return decide(key, cost, clock.monotonic())
      },
    }
  }
  return {
    limiter(policy) {
      const name = JSON.stringify(policy, Object.keys(policy).toSorted())
      const limiter = limiters.get(name) ?? make(policy)
      limiters.set(name, limiter)
      return limiter
    },
  }
}
