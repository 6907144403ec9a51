import type { RateLimits } from '@covent/core'
import type { RateSettings } from '../../src/index.ts'

/** Admits the burst of each key and then nothing, as if no time passed. */
export const memoryLimits = (): RateLimits => ({
  limiter({ limit, burst = limit }) {
    const used = new Map<string, number>()
    return {
      consume(key, cost = 1) {
        const total = (used.get(key) ?? 0) + cost
        const allowed = total <= burst
        if (allowed) used.set(key, total)
        return {
          allowed,
          remaining: Math.max(0, burst - total),
          retryAfterMs: allowed ? 0 : 1_500,
          resetMs: 2_500,
        }
      },
    }
  },
})

const ample = { limit: 1_000_000, windowSeconds: 60 }

/** Limits that no test reaches. */
export const ampleRates: RateSettings = {
  enabled: true,
  default: ample,
  chat: ample,
  expensive: ample,
  pairing: ample,
  failures: ample,
  routes: {},
  exempt: [],
}
