import { type Clock, type Logger, type Metrics, noMetrics, silentLogger, systemClock } from '@covent/core'
import type { ZodType } from 'zod'
import { connectSoon, redisConnection } from './connection.ts'
import { receiver } from './receiver.ts'
import { type LossReason, sender } from './sender.ts'
import { keepSubscribed, type Subscription } from './subscription.ts'

export interface WireOptions {
  readonly url: string
  readonly replica: string
  readonly prefix?: string
  readonly timeoutMs?: number
  readonly logger?: Logger
  readonly metrics?: Metrics
  readonly clock?: Clock
}

export interface WireUser {
  readonly schemas: Readonly<Record<string, ZodType>>
  deliver(type: string, payload: unknown, lagMs: number): void
  missed(reason: 'reconnected' | 'gap'): void
}

export interface SignalWire {
  send(type: string, payload: unknown): void
  isListening(): boolean
  start(): Promise<void>
  stop(): Promise<void>
}

const pingMs = 3_000

/** Tells of what was lost: each by the metric, the log once in a while of silence. */
const lossReport = ({ logger = silentLogger, metrics = noMetrics, clock = systemClock }: WireOptions) => {
  let quietUntilMs = -Infinity
  return (type: string, reason: LossReason): void => {
    metrics.count('event_signals_lost_total', 1, { type, reason })
    if (clock.monotonic() < quietUntilMs) return
    quietUntilMs = clock.monotonic() + 10_000
    logger.warn('events do not reach other replicas', { type, reason })
  }
}

/** Takes envelopes and counts what comes of them. */
const incoming = (options: WireOptions, { schemas, deliver, missed }: WireUser) => {
  const { replica, clock = systemClock, metrics = noMetrics } = options
  return receiver({
    from: replica,
    clock,
    schemas,
    deliver(type, payload, lagMs) {
      metrics.observe('event_signal_lag_ms', lagMs)
      deliver(type, payload, lagMs)
    },
    refused: (reason) => metrics.count('event_signals_refused_total', 1, { reason }),
    gap: () => missed('gap'),
  })
}

/** Carries events between replicas over Redis pub/sub, each at most once. */
export const signalWire = (options: WireOptions, user: WireUser): SignalWire => {
  const { url, replica, prefix = 'covent:', timeoutMs = 1_000 } = options
  const { clock = systemClock, logger = silentLogger, metrics = noMetrics } = options
  const channel = `${prefix}signals`
  const publisher = redisConnection({ url, timeoutMs })
  const listener = redisConnection({ url, timeoutMs })
  const missed: WireUser['missed'] = (reason) => {
    metrics.count('event_signals_missed_total', 1, { reason })
    user.missed(reason)
  }
  const { receive, reset } = incoming(options, { ...user, missed })
  const publish = (text: string): Promise<unknown> => publisher.publish(channel, text)
  const { send, idle } = sender({ from: replica, clock, publish, lost: lossReport(options) })
  let subscription: Subscription | undefined
  let isListening = false

  const opened = (late: boolean): void => {
    isListening = true
    reset()
    if (!late) return
    logger.info('events of other replicas arrive again')
    missed('reconnected')
  }
  const lost = (): void => {
    isListening = false
    logger.warn('events of other replicas do not arrive')
  }
  return {
    send,
    isListening: () => isListening,
    async start() {
      subscription = keepSubscribed(listener, { channel, receive, opened, lost, pingMs })
      const [, isOpen] = await Promise.all([connectSoon(publisher), connectSoon(listener)])
      if (isOpen) await Promise.race([subscription.listening, clock.sleep(timeoutMs)])
      else logger.warn('events do not reach other replicas: Redis does not answer')
    },
    async stop() {
      isListening = false
      subscription?.[Symbol.dispose]()
      await idle()
      publisher.disconnect()
    },
  }
}
