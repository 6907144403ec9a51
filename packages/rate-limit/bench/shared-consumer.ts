import { silentLogger, systemClock } from '@covent/core'
import { redisRateLimits } from '@covent/rate-limit/redis'

/** Asks for one key as fast as it is answered, and prints when it was admitted (a JSON list of milliseconds). */
const [url = '', policy = '', seconds = ''] = process.argv.slice(2)
const limits = redisRateLimits({ url, clock: systemClock, logger: silentLogger, timeoutMs: 20_000 })
await limits.start!()
const limiter = limits.limiter(JSON.parse(policy))
const admitted: number[] = []
const until = Date.now() + Number(seconds) * 1_000
while (Date.now() < until) if ((await limiter.consume('ann')).allowed) admitted.push(Date.now())
console.log(JSON.stringify(admitted))
await limits.stop!()
