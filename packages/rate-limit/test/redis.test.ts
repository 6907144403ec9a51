import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Logger, silentLogger, systemClock } from '@covent/core'
import { redisRateLimits } from '@covent/rate-limit/redis'
import { describeWith, freePort, redisServer, type ServiceProcess } from '@covent/testing'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

const run = promisify(execFile)
const policy = { name: 'chat', limit: 100, windowSeconds: 60, burst: 40 }
const soon = { timeout: 15_000, interval: 50 }

describeWith('redis', 'rate limits over Redis: many processes, and none', () => {
  let redis: ServiceProcess
  beforeAll(async () => void (redis = await redisServer()))
  afterAll(() => redis.stop())

  it('admits exactly the limit to eight processes that ask at once', async () => {
    const consumer = join(import.meta.dirname, 'consumer.ts')
    const words = ['--conditions=@covent/source', consumer, redis.url, '500', '150']
    const runs = await Promise.all(Array.from({ length: 8 }, () => run(process.execPath, words)))
    const admitted = runs.map(({ stdout }) => Number(stdout))
    expect(admitted.reduce((total, count) => total + count, 0)).toBe(500)
  }, 40_000)

  it('counts alone and strictly while Redis hangs, and together again when it is back', async () => {
    const limits = redisRateLimits({
      url: redis.url,
      clock: systemClock,
      logger: silentLogger,
      prefix: 'hang:',
    })
    await limits.start!()
    const limiter = limits.limiter(policy)
    await vi.waitFor(
      async () => expect((await limiter.consume('before')).allowed && limits.isShared()).toBe(true),
      soon,
    )
    process.kill(redis.pid, 'SIGSTOP')
    try {
      const verdicts = await Promise.all(Array.from({ length: 60 }, async () => limiter.consume('ann')))
      expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(20)
      expect(limits.isShared()).toBe(false)
    } finally {
      process.kill(redis.pid, 'SIGCONT')
    }
    await vi.waitFor(async () => {
      await limiter.consume('after')
      expect(limits.isShared()).toBe(true)
    }, soon)
    await limits.stop!()
  })

  it('starts without Redis, says so once, and still limits', async () => {
    const warnings: string[] = []
    const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) }
    const url = `redis://127.0.0.1:${await freePort()}`
    const limits = redisRateLimits({ url, clock: systemClock, logger })
    await limits.start!()
    const limiter = limits.limiter(policy)
    for (let n = 0; n < 20; n++) expect((await limiter.consume('ann')).allowed).toBe(true)
    expect((await limiter.consume('ann')).allowed).toBe(false)
    expect(warnings).toHaveLength(1)
    await limits.stop!()
  })
})
