import {
  type Clock,
  type Logger,
  type RateLimits,
  type RatePolicy,
  type Service,
  type Verdict,
} from '@covent/core'
import { Redis } from 'ioredis'
import { burstOf, unfit } from '../algorithms/algorithm.ts'
import { parts } from '../algorithms/sliding-window.ts'
import { consumeScript } from './consume.lua.ts'
import { memoryRateLimits } from './memory.ts'

export interface RedisRateLimitsOptions {
  readonly url: string
  readonly clock: Clock
  readonly logger: Logger
  /** Before the name of each key; `covent:` when absent. */
  readonly prefix?: string
  /** How long an answer is waited for; 250 when absent. */
  readonly timeoutMs?: number
  /** What part of each limit this process admits by itself while Redis does not answer; a half when absent. */
  readonly strictShare?: number
}

export interface RedisRateLimits extends RateLimits, Service {
  /** False while this process counts by itself. */
  isShared(): boolean
}

type Numbers = readonly [allowed: number, remaining: number, retryAfterMs: number, resetMs: number]
interface Client extends Redis {
  consume(key: string, ...words: readonly (string | number)[]): Promise<Numbers>
}

const retryMs = 1_000

const connect = (url: string, timeoutMs: number): Client => {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 1_000,
    commandTimeout: timeoutMs,
    // A count that is sent twice counts twice, and one that waits for a connection is late.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => retryMs,
    scripts: { consume: { lua: consumeScript, numberOfKeys: 1 } },
  })
  redis.on('error', () => {}) // each failed command is told of where it is made
  return redis as Client
}

const wordsOf = (policy: RatePolicy, cost: number): readonly (string | number)[] => {
  const windowMs = policy.windowSeconds * 1_000
  if (policy.algorithm === 'sliding-window') return ['sliding-window', cost, policy.limit, windowMs / parts]
  const intervalMs = windowMs / policy.limit
  return ['gcra', cost, intervalMs, burstOf(policy) * intervalMs]
}

const strictly = (policy: RatePolicy, share: number): RatePolicy => {
  const least = (of: number): number => Math.max(1, Math.floor(of * share))
  const limit = least(policy.limit)
  return { ...policy, limit, burst: Math.min(limit, least(burstOf(policy))) }
}

const verdictOf = ([allowed, remaining, retryAfterMs, resetMs]: Numbers): Verdict => ({
  allowed: allowed === 1,
  remaining,
  retryAfterMs,
  resetMs,
})

/**
 * Counts in Redis, together with every process on it, by the clock of Redis. While Redis does not answer, each process
 * counts by itself and admits a part of the limit; it asks again once a second.
 */
export const redisRateLimits = (options: RedisRateLimitsOptions): RedisRateLimits => {
  const { url, clock, logger, prefix = 'covent:', timeoutMs = 250, strictShare = 0.5 } = options
  const redis = connect(url, timeoutMs)
  const local = memoryRateLimits({ clock })
  let askAgainMs: number | undefined

  const lost = (error: unknown): void => {
    if (askAgainMs === undefined)
      logger.warn('rate limits are counted by this process alone', { error, strictShare })
    askAgainMs = clock.monotonic() + retryMs
  }
  const found = (): void => {
    if (askAgainMs === undefined) return
    askAgainMs = undefined
    logger.info('rate limits are shared again')
  }
  /** Whether this request asks Redis: all of them do, and of those that come while it is lost one in a second. */
  const asks = (): boolean => {
    if (askAgainMs === undefined) return true
    if (clock.monotonic() < askAgainMs) return false
    askAgainMs = clock.monotonic() + retryMs
    return true
  }
  const consumeShared = async (key: string, policy: RatePolicy, cost: number): Promise<Verdict> => {
    const verdict = verdictOf(
      await redis.consume(`${prefix}limit:${policy.name}:${key}`, ...wordsOf(policy, cost)),
    )
    found()
    return verdict
  }
  return {
    name: 'rate limits',
    isShared: () => askAgainMs === undefined,
    limiter(policy) {
      const strict = local.limiter(strictly(policy, strictShare))
      return {
        async consume(key, cost = 1) {
          if (!(cost > 0 && cost <= burstOf(policy))) throw unfit(policy, cost)
          const alone = () => strict.consume(key, Math.min(cost, burstOf(strictly(policy, strictShare))))
          if (!asks()) return alone()
          return consumeShared(key, policy, cost).catch((error: unknown) => {
            lost(error)
            return alone()
          })
        },
      }
    },
    start: () => redis.connect().catch(lost),
    stop: async () => redis.disconnect(),
  }
}
