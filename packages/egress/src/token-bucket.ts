import type { Clock } from '@covent/core'

export interface TokenBucket {
  /** Takes tokens, into debt if need be; returns how long until the debt is paid, in milliseconds. */
  take(count: number): number
}

/** Holds one second's worth. */
export const tokenBucket = (perSecond: number, clock: Clock): TokenBucket => {
  let tokens = perSecond
  let filledAt = clock.monotonic()
  return {
    take(count) {
      const now = clock.monotonic()
      tokens = Math.min(perSecond, tokens + ((now - filledAt) / 1_000) * perSecond) - count
      filledAt = now
      return tokens >= 0 ? 0 : (-tokens / perSecond) * 1_000
    },
  }
}
