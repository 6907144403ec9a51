import type { RateLimits } from '@covent/core'

/** Admits the limit of each key and then nothing, as if no time passed. */
export const burstLimits = (): RateLimits => ({
  limiter({ limit }) {
    const used = new Map<string, number>()
    return {
      consume(key) {
        const count = (used.get(key) ?? 0) + 1
        used.set(key, count)
        const allowed = count <= limit
        return {
          allowed,
          remaining: Math.max(0, limit - count),
          retryAfterMs: allowed ? 0 : 1_000,
          resetMs: 1_000,
        }
      },
    }
  },
})
