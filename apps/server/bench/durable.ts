import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { durableEvent } from '@covent/core'
import { sqliteDatabase } from '@covent/database'
import { postgresDatabase } from '@covent/database/postgres'
import { durableEvents } from '@covent/events'
import { streamCarrier } from '@covent/events/redis'
import { postgresServer, redisServer } from '@covent/testing'
import { Redis } from 'ioredis'

export interface DurableResult {
  /** Events per second, appended by one process with so many at once and dealt with by another. */
  readonly raw: number
  readonly postgres: number
  readonly sqlite: number
  /** From the append to the handler in the same process, SQLite, the median. */
  readonly localMs: number
  /** Of events appended while connections were killed twenty times: how many were dealt with, and how often in all. */
  readonly reconnects: { readonly appended: number; readonly distinct: number; readonly handled: number }
}

const workers = 64
const program = join(import.meta.dirname, 'durable-replica.ts')

/** Starts the other side; `handled` is what it said last. */
const other = async (...words: readonly string[]) => {
  const child = spawn(process.execPath, ['--conditions=@covent/source', program, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let handled = 0
  let text = ''
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (bytes: Buffer) => {
      text = (text + bytes.toString()).slice(-200)
      if (text.includes('ready')) resolve()
      const last = text
        .trimEnd()
        .split('\n')
        .findLast((line) => /^\d+$/.test(line))
      if (last !== undefined && text.endsWith('\n')) handled = Number(last)
    })
  })
  await ready
  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { handled: () => handled, close }
}

type Append = (n: number) => Promise<unknown>

/** Events per second from the first append to the last handled. */
const measured = async (count: number, append: Append, handled: () => number): Promise<number> => {
  const before = handled()
  const startedAt = performance.now()
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) await append(before + next++)
  }
  await Promise.all(Array.from({ length: workers }, work))
  while (handled() < before + count) await sleep(2)
  return (count / (performance.now() - startedAt)) * 1_000
}

const eventOf = (n: number) =>
  durableEvent('conversation.ended', { conversationId: `conv_${n}`, principalId: 'p1' }, Date.now())

const raw = async (redisUrl: string): Promise<number> => {
  const { handled, close } = await other('raw', redisUrl)
  const redis = new Redis(redisUrl, { enableAutoPipelining: true })
  const append: Append = (n) => redis.xadd('raw', '*', 'event', JSON.stringify(eventOf(n)))
  await measured(2_000, append, handled)
  const rate = await measured(20_000, append, handled)
  redis.disconnect()
  await close()
  return rate
}

const databaseAt = (place: string) =>
  place.startsWith('postgres')
    ? postgresDatabase({ url: place })
    : sqliteDatabase({ path: place, busyTimeoutMs: 20_000 })

const ours = async (redisUrl: string, place: string, count: number): Promise<number> => {
  const database = databaseAt(place)
  await database.start()
  const { handled, close } = await other('ours', redisUrl, place)
  const teller = durableEvents({ ...database, replica: 'parent', carrier: streamCarrier({ url: redisUrl }) })
  await teller.start()
  const append: Append = (n) => database.stores.outbox.append(eventOf(n))
  await measured(500, append, handled)
  const rate = await measured(count, append, handled)
  await teller.stop()
  await close()
  await database.stop()
  return rate
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** The way of one event at a time within one process. */
const localLatency = async (folder: string): Promise<number> => {
  const database = databaseAt(join(folder, 'local.db'))
  await database.start()
  const durable = durableEvents({ ...database, replica: 'local' })
  let arrived: () => void = () => {}
  durable.consume('bench', ['conversation.ended'], { act: async () => arrived() })
  await durable.start()
  const times: number[] = []
  for (let n = 0; n < 500; n++) {
    const event = eventOf(n)
    const handled = new Promise<void>((resolve) => (arrived = resolve))
    await database.stores.outbox.append(event)
    const startedAt = performance.now()
    await handled
    times.push(performance.now() - startedAt)
    await sleep(1)
  }
  await durable.stop()
  await database.stop()
  return median(times)
}

const reconnects = async (redisUrl: string, folder: string): Promise<DurableResult['reconnects']> => {
  const database = databaseAt(join(folder, 'reconnects.db'))
  await database.start()
  const start = (replica: string) =>
    durableEvents({ ...database, replica, carrier: streamCarrier({ url: redisUrl }) })
  const [teller, consumer] = [start('teller'), start('consumer')] as const
  const seen: string[] = []
  consumer.consume('bench', ['conversation.ended'], async ({ id }) => void seen.push(id))
  await consumer.start()
  await teller.start()
  const admin = new Redis(redisUrl)
  let appended = 0
  for (let kills = 0; kills < 20; kills++) {
    for (let n = 0; n < 50; n++) await database.stores.outbox.append(eventOf(appended++))
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  }
  for (let waits = 0; waits < 1_000 && seen.length < appended; waits++) await sleep(10)
  admin.disconnect()
  await Promise.all([teller.stop(), consumer.stop()])
  await database.stop()
  return { appended, distinct: new Set(seen).size, handled: seen.length }
}

export const runDurable = async (): Promise<DurableResult> => {
  const folder = mkdtempSync(join(tmpdir(), 'covent-bench-'))
  const [redis, postgres] = await Promise.all([redisServer(), postgresServer()])
  try {
    return {
      raw: await raw(redis.url),
      postgres: await ours(redis.url, postgres.url, 5_000),
      sqlite: await ours(redis.url, join(folder, 'two.db'), 5_000),
      localMs: await localLatency(folder),
      reconnects: await reconnects(redis.url, folder),
    }
  } finally {
    await Promise.all([redis.stop(), postgres.stop()])
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) console.log(JSON.stringify(await runDurable()))
