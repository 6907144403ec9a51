import { Redis } from 'ioredis'

export interface ConnectionOptions {
  readonly url: string
  /** How long an answer is waited for. */
  readonly timeoutMs: number
}

const longestPauseMs = 1_000

/** Tries again after 50 ms, 100, 200, … up to a second, somewhat at random, so that replicas do not come back all at once. */
const pauseMs = (tries: number): number =>
  Math.min(longestPauseMs, 25 * 2 ** Math.min(tries, 6)) * (0.5 + Math.random() / 2)

/** A connection that is not open yet. Commands fail at once where there is none, and are never sent twice. */
export const redisConnection = ({ url, timeoutMs }: ConnectionOptions): Redis => {
  const redis = new Redis(url, {
    // Replies of RESP3 have other shapes: a map comes as a flat list.
    protocol: 2,
    lazyConnect: true,
    connectTimeout: 1_000,
    commandTimeout: timeoutMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    // Its question would be lost with a connection that breaks at once, and leave a second one behind.
    enableReadyCheck: false,
    retryStrategy: pauseMs,
  })
  redis.on('error', () => {}) // each failed command is told of where it is made
  return redis
}

/** Opens it, or leaves it to its retries; false where it is not open yet. */
export const connectSoon = (redis: Redis): Promise<boolean> =>
  redis.connect().then(
    () => true,
    () => false,
  )
