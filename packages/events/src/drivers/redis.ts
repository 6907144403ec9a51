import {
  eventClasses,
  type EventBus,
  type EventMap,
  eventSchemas,
  type EventStats,
  type Service,
} from '@covent/core'
import type { ZodType } from 'zod'
import { arrivals } from '../redis/arrivals.ts'
import { signalWire } from '../redis/signal-wire.ts'
import { memoryEventBus, type MemoryEventBusOptions } from './memory.ts'

export interface RedisEventBusOptions extends MemoryEventBusOptions {
  readonly url: string
  /** Names this process among the replicas; of each start a new one. */
  readonly replica: string
  /** Before the name of the channel; `covent:` when absent. */
  readonly prefix?: string
  /** Events that go to other replicas, with what their payloads must be; those of Covent when absent. */
  readonly signals?: Readonly<Record<string, ZodType>>
  /** How long Redis may take to answer before it counts as gone; 1,000 when absent. */
  readonly timeoutMs?: number
}

export interface RedisEventBus<M extends object = EventMap> extends EventBus<M>, Service {
  /** True while events of other replicas reach this one. */
  isListening(): boolean
  start(): Promise<void>
  stop(): Promise<void>
}

/** Those of `eventClasses` that reach all replicas. */
const coventSignals = (): Readonly<Record<string, ZodType>> =>
  Object.fromEntries(
    Object.entries(eventSchemas).filter(
      ([type]) => eventClasses[type as keyof EventMap].reach === 'replicas',
    ),
  )

/**
 * The bus within the process, whose events of class `signal` and reach `replicas` go to the other processes on one Redis
 * too, at most once and in the order of their emits. Emitting never waits for Redis. Where a connection broke or a number
 * is missing, `system.signals-missed` is emitted here: what was told meanwhile is not told again.
 */
export const redisEventBus = <M extends object = EventMap>(
  options: RedisEventBusOptions,
): RedisEventBus<M> => {
  const schemas = options.signals ?? coventSignals()
  const bus = memoryEventBus<Record<string, unknown>>(options)
  const arrived = arrivals()
  const wire = signalWire(options, {
    schemas,
    deliver(type, payload, lagMs) {
      arrived.add(type, lagMs)
      bus.emit(type, payload)
    },
    missed: (reason) => bus.emit('system.signals-missed', { reason }),
  })
  return {
    ...(bus as unknown as EventBus<M>),
    emit(type, payload) {
      // Sent first: what handlers emit in turn comes after it there as well.
      if (Object.hasOwn(schemas, type)) wire.send(type, payload)
      bus.emit(type, payload)
    },
    stats: () => arrived.in(bus.stats() as Record<string, EventStats>) as ReturnType<EventBus<M>['stats']>,
    name: 'events',
    isListening: wire.isListening,
    start: wire.start,
    stop: wire.stop,
  }
}
