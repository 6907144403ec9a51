import { type Clock, type Logger, silentLogger, systemClock } from '@covent/core'
import type { Redis } from 'ioredis'
import { connectSoon, redisConnection } from '../redis/connection.ts'
import type { NoticeCarrier, NoticeListener } from './carrier.ts'

export interface StreamCarrierOptions {
  readonly url: string
  /** Before the names of the streams; `covent:` when absent. */
  readonly prefix?: string
  readonly timeoutMs?: number
  readonly logger?: Logger
  readonly clock?: Clock
}

const group = 'replicas'
const blockMs = 2_000
const pauseMs = 20
const troubleMs = 250
/** Notices that nobody has taken; more are no news. */
const kept = 256

type Streams = readonly (readonly [stream: string, entries: readonly unknown[]])[] | null

/** Sends notices for each consumer one at a time, until one has arrived: those that come meanwhile are one. */
const notifier = (redis: Redis, { streamOf, clock, ending }: NotifierOptions) => {
  const underWay = new Map<string, { isNew: boolean }>()

  const send = (consumer: string): Promise<boolean> =>
    redis.xadd(streamOf(consumer), 'MAXLEN', '~', kept, '*', 'due', '1').then(
      () => true,
      () => false, // it is tried again, and polling finds what it would tell
    )
  const sendAll = async (consumer: string, notice: { isNew: boolean }): Promise<void> => {
    while (notice.isNew && !ending.aborted) {
      notice.isNew = false
      if (await send(consumer)) continue
      notice.isNew = true
      await clock.sleep(troubleMs, ending).catch(() => undefined)
    }
    underWay.delete(consumer)
  }
  return (consumer: string): void => {
    const known = underWay.get(consumer)
    if (known !== undefined) return void (known.isNew = true)
    const notice = { isNew: true }
    underWay.set(consumer, notice)
    void sendAll(consumer, notice)
  }
}

interface NotifierOptions {
  readonly streamOf: (consumer: string) => string
  readonly clock: Clock
  readonly ending: AbortSignal
}

/** Hands notices to the listener, over lost connections and groups, until the signal ends it. */
const readNotices = async (reader: Redis, options: ReadOptions): Promise<void> => {
  const { listener, streamOf, clock, logger, ending } = options
  let isLost = true

  const recover = async (): Promise<void> => {
    for (const consumer of listener.consumers)
      await reader.xgroup('CREATE', streamOf(consumer), group, '$', 'MKSTREAM').catch((error: Error) => {
        if (!error.message.startsWith('BUSYGROUP')) throw error
      })
    isLost = false
    for (const consumer of listener.consumers) listener.due(consumer)
  }
  const read = async (consumers: readonly string[]): Promise<void> => {
    const names = consumers.map(streamOf)
    const places = [...names, ...names.map(() => '>')]
    const words = ['GROUP', group, 'any', 'COUNT', 64, 'BLOCK', blockMs, 'NOACK', 'STREAMS', ...places]
    const streams = (await reader.call('XREADGROUP', ...words)) as Streams
    for (const [stream] of streams ?? []) listener.due(consumers[names.indexOf(stream)]!)
  }
  const step = async (): Promise<void> => {
    if (isLost) await recover()
    const consumers = listener.consumers.filter((consumer) => listener.hasRoom(consumer))
    if (consumers.length === 0) await clock.sleep(pauseMs, ending)
    else await read(consumers)
  }
  while (!ending.aborted)
    try {
      await step()
    } catch (error) {
      if (ending.aborted) return
      if (!isLost) logger.warn('notices of durable events do not arrive', { error })
      isLost = true
      await clock.sleep(troubleMs, ending).catch(() => undefined)
    }
}

interface ReadOptions {
  readonly listener: NoticeListener
  readonly streamOf: (consumer: string) => string
  readonly clock: Clock
  readonly logger: Logger
  readonly ending: AbortSignal
}

/**
 * Carries notices over Redis Streams, one stream for each consumer, of which each entry goes to one replica of the group.
 * Entries are not acknowledged: the event stays open in the outbox whatever becomes of them, and is found by polling.
 */
export const streamCarrier = (options: StreamCarrierOptions): NoticeCarrier => {
  const { url, prefix = 'covent:', timeoutMs = 1_000, clock = systemClock, logger = silentLogger } = options
  const writer = redisConnection({ url, timeoutMs })
  const reader = redisConnection({ url, timeoutMs: blockMs + timeoutMs })
  const streamOf = (consumer: string): string => `${prefix}outbox:${consumer}`
  const ending = new AbortController()
  let listener: NoticeListener = { consumers: [], hasRoom: () => false, due() {} }
  let reading: Promise<void> | undefined
  return {
    name: 'notices',
    notify: notifier(writer, { streamOf, clock, ending: ending.signal }),
    listen: (given) => void (listener = given),
    async start() {
      await Promise.all([connectSoon(writer), connectSoon(reader)])
      if (listener.consumers.length === 0) return
      reading = readNotices(reader, { listener, streamOf, clock, logger, ending: ending.signal })
    },
    async stop() {
      ending.abort()
      reader.disconnect()
      writer.disconnect()
      await reading
    },
  }
}
