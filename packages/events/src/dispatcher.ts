import { type Clock, type Logger, type Metrics, noMetrics, silentLogger, systemClock } from '@covent/core'
import { type Channel, type Channels, channelTable, type Handler } from './channels.ts'

export interface DispatcherOptions {
  /** Told of handlers that fail. */
  readonly logger?: Logger
  /** Counts `event_handler_errors_total` by type. */
  readonly metrics?: Metrics
  readonly clock?: Clock
}

export interface Dispatcher extends Pick<Channels, 'add' | 'stats'> {
  emit(type: string, payload: unknown): void
}

/** An event whose turn has not come, with the handlers of the moment at which it was emitted. */
interface Pending {
  readonly channel: Channel
  readonly handlers: Handler[]
  readonly payload: unknown
}

type Call = (channel: Channel, handlers: readonly Handler[], payload: unknown) => void
type Fail = (channel: Channel, error: unknown) => void
type Settle = (channel: Channel, result: unknown) => void

const sampleMask = 1023
/** What an emit finds: nothing under way, handlers that run, or these and events that wait behind them. */
const idle = 0
const delivering = 1
const queued = 2
const cascadeLimit = 100_000

/** Delivers events to handlers, each isolated, one event after the other; see `memoryEventBus` for the order. */
export const dispatcher = (options: DispatcherOptions): Dispatcher => {
  const fail = failureReport(options)
  const settle = settler(fail)
  const call = caller(fail, settle)
  const callMeasured = measured(call, options.clock ?? systemClock)
  let running: Handler[] = []
  let waiting: Pending[] = []
  let phase: number = idle

  const { find, add, stats } = channelTable({
    removed(handler) {
      if (phase === idle) return
      // What is under way holds older lists, in which a removed handler must not be called again either.
      replace(running, handler)
      for (const { handlers } of waiting) replace(handlers, handler)
    },
    dropped: dropReport(options),
  })

  const enqueue = (channel: Channel, payload: unknown): void => {
    if (waiting.length >= cascadeLimit) throw cascade(channel.type)
    waiting.push({ channel, handlers: channel.handlers as Handler[], payload })
    phase = queued
  }
  const deliver = (channel: Channel, handlers: Handler[], payload: unknown): void => {
    running = handlers
    if ((channel.emits & sampleMask) === 1) callMeasured(channel, handlers, payload)
    else call(channel, handlers, payload)
  }
  const drain = (): void => {
    for (let n = 0; n < waiting.length; n++) {
      const { channel, handlers, payload } = waiting[n]!
      channel.emits++
      deliver(channel, handlers, payload)
    }
    waiting = []
  }
  // The hot path, written flat: each call, branch and closure more is seen in bench/emit.ts.
  const emit = (type: string, payload: unknown): void => {
    const channel = find(type)
    if (phase !== idle) return enqueue(channel, payload)
    phase = delivering
    const { sole } = channel
    if ((++channel.emits & sampleMask) === 1 || sole === undefined)
      deliver(channel, channel.handlers as Handler[], payload)
    else
      try {
        const result: unknown = sole(payload)
        if (result !== undefined) settle(channel, result)
      } catch (error) {
        fail(channel, error)
      }
    if (phase === queued) drain()
    phase = idle
  }
  return { emit, add, stats }
}

const caller =
  (fail: Fail, settle: Settle): Call =>
  (channel, handlers, payload) => {
    const { length } = handlers
    for (let n = 0; n < length; n++) {
      const handler = handlers[n]!
      try {
        const result: unknown = handler(payload)
        if (result !== undefined) settle(channel, result)
      } catch (error) {
        fail(channel, error)
      }
    }
  }

const measured =
  (call: Call, clock: Clock): Call =>
  (channel, handlers, payload) => {
    const startedAt = clock.monotonic()
    call(channel, handlers, payload)
    channel.totals.sampledMs += clock.monotonic() - startedAt
    channel.totals.samples++
  }

/** Watches what a handler returned for a rejection. */
const settler =
  (fail: Fail): Settle =>
  (channel, result) => {
    const onError = (error: unknown): void => fail(channel, error)
    if (result instanceof Promise) void result.then(undefined, onError)
    else if (isThenable(result)) void Promise.resolve(result).then(undefined, onError)
  }

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value

const failureReport =
  ({ logger = silentLogger, metrics = noMetrics }: DispatcherOptions): Fail =>
  ({ type, totals }, error) => {
    totals.errors++
    try {
      metrics.count('event_handler_errors_total', 1, { type })
      logger.error('event handler failed', { type, error })
    } catch {
      // The failure is counted above; a logger that fails as well must not stop the other handlers.
    }
  }

const dropReport =
  ({ logger = silentLogger, metrics = noMetrics }: DispatcherOptions) =>
  ({ type }: Channel, isFirst: boolean): void => {
    metrics.count('event_handler_drops_total', 1, { type })
    if (isFirst) logger.warn('an event handler is too far behind and loses events', { type })
  }

const removed: Handler = () => {}
const replace = (handlers: Handler[], handler: Handler): void => {
  const place = handlers.indexOf(handler)
  if (place >= 0) handlers[place] = removed
}

const cascade = (type: string): RangeError =>
  new RangeError(`handlers emitted ${cascadeLimit} events within one emit; "${type}" is not emitted`)
