import { once } from 'node:events'
import type { Chain } from '../http/chain.ts'
import type { Exchange } from '../http/exchange.ts'
import { headersFor } from '../http/answer.ts'

const heartbeatMs = 15_000
/** How often a stream asks whether its key or session still counts: a revocation holds within a second. */
const validEveryMs = 500
const stalledMs = 30_000

/** An answer of `text/event-stream`. */
export interface EventStream {
  /** Writes a frame (`data: …`); waits where the client reads too slowly, and drops it where it has not read for 30 s. */
  write(frame: string): Promise<void> | void
  /** Ends the answer. */
  end(): void
  /** Aborted when the client has left, its key or session has ended, or a shutdown ends all streams. */
  readonly over: AbortSignal
}

const head = ['Content-Type', 'text/event-stream; charset=utf-8', 'X-Accel-Buffering', 'no']

const drained = async ({ response }: Exchange): Promise<void> => {
  const timer = setTimeout(() => response.destroy(), stalledMs)
  const gone = new AbortController()
  const leave = (): void => gone.abort()
  response.once('close', leave)
  await once(response, 'drain', { signal: gone.signal }).catch(() => undefined)
  response.off('close', leave)
  clearTimeout(timer)
}

/** Calls `end` once the credential of a stream has ended; gives what stops the asking. */
const watchCredential = ({ isStillValid }: Exchange, end: () => void): (() => void) => {
  if (isStillValid === undefined) return () => undefined
  let isAsking = false
  const ask = async (): Promise<void> => {
    if (isAsking) return
    isAsking = true
    try {
      if (!(await isStillValid())) end()
    } catch {
      // Where it cannot be asked now, it is asked again: the stream itself tells nothing new meanwhile.
    } finally {
      isAsking = false
    }
  }
  const timer = setInterval(() => void ask(), validEveryMs)
  return () => clearInterval(timer)
}

/** Begins a stream of events, kept awake by comments. */
export const openStream = (chain: Chain, exchange: Exchange, extra: readonly string[] = []): EventStream => {
  const { response } = exchange
  const over = new AbortController()
  const leave = (): void => over.abort()
  response.once('close', leave)
  chain.ending.addEventListener('abort', leave, { once: true })
  if (chain.ending.aborted) leave()
  const unwatch = watchCredential(exchange, leave)
  const write = (frame: string): Promise<void> | void => {
    if (response.destroyed) return
    exchange.bytes += Buffer.byteLength(frame)
    if (!response.write(frame)) return drained(exchange)
  }
  response.writeHead(200, headersFor(exchange, [...head, ...extra]))
  response.flushHeaders()
  const heart = setInterval(() => {
    if (!response.writableNeedDrain) void write(': heartbeat\n\n')
  }, chain.settings.heartbeatMs ?? heartbeatMs)
  return {
    write,
    end() {
      clearInterval(heart)
      unwatch()
      chain.ending.removeEventListener('abort', leave)
      response.end()
    },
    over: over.signal,
  }
}

/** The items until the signal ends the reading; a reader that waits is let go at once. */
export async function* until<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const over = Promise.withResolvers<undefined>()
  const leave = (): void => over.resolve(undefined)
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  const iterator = items[Symbol.asyncIterator]()
  try {
    for (;;) {
      const step = await Promise.race([iterator.next(), over.promise])
      if (step === undefined || step.done === true) return
      yield step.value
    }
  } finally {
    signal.removeEventListener('abort', leave)
    void iterator.return?.()?.catch(() => undefined)
  }
}
