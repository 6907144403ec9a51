import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RatePolicy } from '@covent/core'
import { redisServer } from '@covent/testing'

const policy: RatePolicy = { name: 'bench', limit: 200, windowSeconds: 3 }
const processes = 8
const seconds = 12
const windowMs = policy.windowSeconds * 1_000

/** The most that any window saw, of times in ascending order. */
const mostInWindow = (times: readonly number[]): number => {
  let first = 0
  let most = 0
  for (const [n, end] of times.entries()) {
    while (times[first]! <= end - windowMs) first++
    most = Math.max(most, n - first + 1)
  }
  return most
}

/** Eight processes on one Redis ask for one key without rest: the largest count that a sliding window saw, by the limit. */
export const runShared = async (): Promise<{ readonly share: number; readonly admitted: number }> => {
  const redis = await redisServer()
  try {
    const words = ['--conditions=@covent/source', join(import.meta.dirname, 'shared-consumer.ts')]
    const started = Array.from({ length: processes }, () =>
      promisify(execFile)(process.execPath, [...words, redis.url, JSON.stringify(policy), String(seconds)], {
        maxBuffer: 1e8,
      }),
    )
    const lists = (await Promise.all(started)).map(({ stdout }) => JSON.parse(stdout) as number[])
    const times = lists.flat().toSorted((a, b) => a - b)
    return { share: mostInWindow(times) / policy.limit, admitted: times.length }
  } finally {
    await redis.stop()
  }
}

if (import.meta.main) console.log(JSON.stringify(await runShared()))
