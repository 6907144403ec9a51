import { silentLogger, systemClock } from '@covent/core'
import { memoryRateLimits } from '@covent/rate-limit'
import { redisRateLimits } from '@covent/rate-limit/redis'
import { rateLimitsSuite } from '@covent/rate-limit/testing'
import { describeWith, fakeClock, redisServer, type ServiceProcess } from '@covent/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'

rateLimitsSuite({ describe, it }, 'memory', async () => {
  const clock = fakeClock()
  return { limits: memoryRateLimits({ clock }), wait: (ms) => clock.advance(ms), close: async () => {} }
})

describeWith('redis', 'rate limits over Redis', () => {
  let redis: ServiceProcess
  let opened = 0
  beforeAll(async () => void (redis = await redisServer()))
  afterAll(() => redis.stop())

  rateLimitsSuite({ describe, it }, 'redis', async () => {
    const prefix = `test${opened++}:`
    const limits = redisRateLimits({
      url: redis.url,
      clock: systemClock,
      logger: silentLogger,
      prefix,
      timeoutMs: 5_000,
    })
    await limits.start!()
    return { limits, wait: (ms) => systemClock.sleep(ms), close: () => limits.stop!() }
  })
})
