import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { redisEventBus } from '@covent/events/redis'
import { redisServer } from '@covent/testing'
import { Redis } from 'ioredis'

export interface SignalResult {
  /** Events per second from one process to another. */
  readonly ours: number
  readonly raw: number
  readonly ratio: number
  /** From an emit to its handler in the other process: half of the way there and back, the median. */
  readonly oursMs: number
  readonly rawMs: number
}

/** One of the two ways to tell another process; `heard` counts what it has answered. */
interface Way {
  send(n: number): void
  heard(): number
  close(): Promise<void>
}

type Kind = 'ours' | 'raw'

const outstanding = 4_000
const payloadOf = (n: number) => ({ keys: [`rateLimit.routes.${n}`, 'http.allowedHosts'] })

const oursWay = async (url: string): Promise<Way> => {
  const bus = redisEventBus({ url, replica: `parent ${Math.random()}` })
  await bus.start()
  let heard = 0
  bus.on('plugin.installed', ({ plugin }) => void (heard = Number(plugin)))
  return { send: (n) => bus.emit('config.changed', payloadOf(n)), heard: () => heard, close: bus.stop }
}

const rawWay = async (url: string): Promise<Way> => {
  // At its fastest: what is sent in one moment goes in one write.
  const publisher = new Redis(url, { enableAutoPipelining: true })
  const listener = new Redis(url)
  let heard = 0
  listener.on('message', (_, text: string) => void (heard = Number(text)))
  await listener.subscribe('back')
  return {
    send: (n) => void publisher.publish('there', JSON.stringify(payloadOf(n))),
    heard: () => heard,
    async close() {
      publisher.disconnect()
      listener.disconnect()
    },
  }
}

const withOther = async <T>(
  kind: Kind,
  mode: 'echo' | 'count',
  work: (way: Way) => Promise<T>,
): Promise<T> => {
  const redis = await redisServer()
  const words = ['--conditions=@covent/source', join(import.meta.dirname, 'signal-replica.ts')]
  const child: ChildProcess = spawn(process.execPath, [...words, kind, redis.url, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout!, 'data')
  const way = await (kind === 'ours' ? oursWay : rawWay)(redis.url)
  try {
    return await work(way)
  } finally {
    await way.close()
    child.kill()
    await redis.stop()
  }
}

/** Sends as fast as the other side takes it, never more than `outstanding` ahead of it. */
const rate = (kind: Kind, count: number): Promise<number> =>
  withOther(kind, 'count', async ({ send, heard }) => {
    const run = async (from: number, to: number): Promise<number> => {
      const startedAt = performance.now()
      for (let n = from; n < to; n++) {
        while (n - heard() >= outstanding) await setImmediate()
        send(n)
        if (n % 100 === 0) await setImmediate()
      }
      while (heard() < to) await setImmediate()
      return ((to - from) / (performance.now() - startedAt)) * 1_000
    }
    await run(0, 20_000)
    return run(20_000, 20_000 + count)
  })

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const latency = (kind: Kind): Promise<number> =>
  withOther(kind, 'echo', async ({ send, heard }) => {
    const times: number[] = []
    for (let n = 1; n <= 3_000; n++) {
      const startedAt = performance.now()
      send(n)
      while (heard() < n) await setImmediate()
      if (n > 500) times.push((performance.now() - startedAt) / 2)
    }
    return median(times)
  })

/** Signals over Redis between two processes, ours and bare ioredis by turns. */
export const runSignals = async (rounds = 3): Promise<SignalResult> => {
  const rates: { ours: number; raw: number }[] = []
  for (let n = 0; n < rounds; n++)
    rates.push({ ours: await rate('ours', 200_000), raw: await rate('raw', 200_000) })
  return {
    ours: median(rates.map(({ ours }) => ours)),
    raw: median(rates.map(({ raw }) => raw)),
    ratio: median(rates.map(({ ours, raw }) => ours / raw)),
    oursMs: await latency('ours'),
    rawMs: await latency('raw'),
  }
}

if (import.meta.main) console.log(JSON.stringify(await runSignals()))
