import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { durableEvent } from '@covent/core'
import { type SqliteDatabase, sqliteDatabase } from '@covent/database'
import { durableEvents, type DurableEventsOptions } from '@covent/events'
import { streamCarrier } from '@covent/events/redis'
import { describeWith, redisServer, type ServiceProcess, temporaryFolder } from '@covent/testing'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'

const soon = { timeout: 15_000, interval: 10 }
const place = { plugin: 'test', scope: 'plugin', owner: '' } as const
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

describeWith('redis', 'durable events over a Redis that fails, and processes that die', () => {
  let redis: ServiceProcess
  let admin: Redis
  const closing: (() => Promise<unknown> | void)[] = []
  beforeAll(async () => {
    redis = await redisServer()
    admin = new Redis(redis.url)
  })
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close()
    await admin.flushall()
  })
  afterAll(async () => {
    admin.disconnect()
    await redis.stop()
  })

  /** Another connection to the file is another replica: only Redis and the file itself connect them. */
  const openDatabase = async (path: string): Promise<SqliteDatabase> => {
    const database = sqliteDatabase({ path, busyTimeoutMs: 10_000 })
    await database.start()
    closing.push(() => database.stop())
    return database
  }
  const startReplica = async (database: SqliteDatabase, more: Partial<DurableEventsOptions> = {}) => {
    const carrier = streamCarrier({ url: redis.url })
    // So slow to poll that what comes comes by Redis.
    const durable = durableEvents({ ...database, replica: 'r', carrier, pollMs: 1e9, ...more })
    const seen: number[] = []
    durable.consume(
      'c',
      ['conversation.ended'],
      async ({ payload }) => void seen.push(Number(payload.principalId)),
    )
    await durable.start()
    closing.push(() => durable.stop())
    return { seen }
  }
  /** A replica that appends and has no consumer of its own. */
  const startPublisher = async (database: SqliteDatabase) => {
    const carrier = streamCarrier({ url: redis.url })
    const durable = durableEvents({ ...database, replica: 'publisher', carrier })
    await durable.start()
    closing.push(() => durable.stop())
    return async (n: number, key = `k${n}`): Promise<void> => {
      const payload = { conversationId: key, principalId: String(n) }
      await database.stores.outbox.append(durableEvent('conversation.ended', payload, Date.now()))
    }
  }
  const newPath = (): string => join(temporaryFolder(), 'covent.db')

  it('wakes another replica by a notice', async () => {
    const path = newPath()
    const { seen } = await startReplica(await openDatabase(path))
    const append = await startPublisher(await openDatabase(path))
    for (const n of numbers(20)) await append(n, 'k')
    await vi.waitFor(() => expect(seen).toEqual(numbers(20)), soon)
  })

  it('loses nothing when Redis is emptied, notices and groups and all', async () => {
    const path = newPath()
    const { seen } = await startReplica(await openDatabase(path))
    const append = await startPublisher(await openDatabase(path))
    for (const n of numbers(30)) {
      await append(n)
      if (n % 5 === 0) await admin.flushall()
    }
    await vi.waitFor(() => expect(seen.toSorted((a, b) => a - b)).toEqual(numbers(30)), soon)
  })

  it('goes by polling alone while Redis hangs', async () => {
    const path = newPath()
    const { seen } = await startReplica(await openDatabase(path), { pollMs: 20 })
    const append = await startPublisher(await openDatabase(path))
    process.kill(redis.pid, 'SIGSTOP')
    try {
      for (const n of numbers(10)) await append(n)
      await vi.waitFor(() => expect(seen).toHaveLength(10), { timeout: 1_500, interval: 10 })
    } finally {
      process.kill(redis.pid, 'SIGCONT')
    }
  })

  it('loses and doubles nothing over twenty killed connections of each kind', async () => {
    const path = newPath()
    const { seen } = await startReplica(await openDatabase(path))
    const append = await startPublisher(await openDatabase(path))
    let n = 0
    for (let kills = 0; kills < 20; kills++) {
      for (const _ of numbers(5)) await append(n++)
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await append(n++)
    }
    await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(n), soon)
    expect(seen.toSorted((a, b) => a - b)).toEqual(numbers(n))
  })

  it('does each effect once and in order while processes are killed', async () => {
    const path = newPath()
    const database = await openDatabase(path)
    await database.stores.outbox.subscribe('c', ['conversation.ended'])
    const append = await startPublisher(database)
    const program = join(import.meta.dirname, 'programs/consume.ts')
    const start = async (): Promise<ChildProcess> => {
      const child = spawn(process.execPath, ['--conditions=@covent/source', program, path, redis.url], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      closing.push(() => void child.kill('SIGKILL'))
      await once(child.stdout, 'data')
      return child
    }
    let [older, newer] = await Promise.all([start(), start()])
    for (const n of numbers(240)) {
      await append(n, 'abcd'[n % 4])
      if (n % 80 !== 40) continue
      older.kill('SIGKILL')
      older = newer
      newer = await start()
    }
    await vi.waitFor(async () => expect(await database.stores.outbox.depths()).toEqual([]), soon)
    for (const [m, key] of ['a', 'b', 'c', 'd'].entries()) {
      const wanted = numbers(60).map((n) => String(4 * n + m))
      expect(await database.stores.keyValues.get(place, key, 0)).toEqual(wanted)
    }
  }, 40_000)
})
