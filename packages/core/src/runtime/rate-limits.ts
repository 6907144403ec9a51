import { type Token, token } from '../token.ts'

/** How much of something may happen in how much time. */
export interface RatePolicy {
  /** Names it in headers, logs and stores: `chat`. */
  readonly name: string
  /** Cost that is admitted in each window in the long run; at least 1. */
  readonly limit: number
  readonly windowSeconds: number
  /** Cost that is admitted at once; half of `limit`, when absent. Of no meaning to `sliding-window`. */
  readonly burst?: number | undefined
  /**
   * `gcra` when absent: a token bucket that fills evenly. `sliding-window` counts this window and, by the share that still
   * overlaps, the one before.
   */
  readonly algorithm?: 'gcra' | 'sliding-window'
}

export interface Verdict {
  readonly allowed: boolean
  /** Cost that would still be admitted at once. */
  readonly remaining: number
  /** Until the same cost is admitted; 0 where it was. */
  readonly retryAfterMs: number
  /** Until nothing of it counts any more. */
  readonly resetMs: number
}

/** Counts against a key. What was refused does not count. */
export interface RateLimiter {
  /**
   * The last caller to fit gets `allowed`, however many ask at once. A driver that need not wait answers at once, without
   * a promise. Throws a `RangeError` for a cost (1 when absent) that could never be admitted.
   */
  consume(key: string, cost?: number): Verdict | Promise<Verdict>
}

/** Makes limiters. Those of equal policies count together, on every replica where the driver is shared. */
export interface RateLimits {
  limiter(policy: RatePolicy): RateLimiter
}
export const RateLimits: Token<RateLimits> = token('RateLimits')
