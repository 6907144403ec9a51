import { silentLogger, systemClock } from '@covent/core'
import { redisRateLimits } from '@covent/rate-limit/redis'

/** One of many processes that use up one limit: prints how much it was admitted. */
const [url = '', limit = '', attempts = ''] = process.argv.slice(2)
const limits = redisRateLimits({ url, clock: systemClock, logger: silentLogger, timeoutMs: 20_000 })
await limits.start!()
const limiter = limits.limiter({
  name: 'shared',
  limit: Number(limit),
  windowSeconds: 86_400,
  burst: Number(limit),
})
const verdicts = await Promise.all(
  Array.from({ length: Number(attempts) }, async () => limiter.consume('ann')),
)
console.log(verdicts.filter(({ allowed }) => allowed).length)
await limits.stop!()
