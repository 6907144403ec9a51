import {
  Clock,
  DurableEvents,
  EventBus,
  type HealthCheck,
  HealthRegistry,
  Lifecycle,
  Logger,
  Metrics,
  newId,
  Replica,
  Stores,
  UnitOfWork,
} from '@covent/core'
import { ContainerModule, type ContainerModuleLoadOptions } from 'inversify'
import { memoryEventBus } from './drivers/memory.ts'
import type { RedisEventBus } from './drivers/redis.ts'
import { durableEvents } from './durable/durable-events.ts'

export interface EventsModuleOptions {
  /** Of the Redis that carries events between replicas; each process keeps to itself when absent. */
  readonly redisUrl?: string | undefined
}

type Bind = ContainerModuleLoadOptions['bind']

const optionalMetrics = { serviceIdentifier: Metrics, optional: true } as const

const listening = (bus: RedisEventBus): HealthCheck => ({
  name: 'events',
  critical: false,
  check: () =>
    bus.isListening()
      ? { ok: true }
      : { ok: false, detail: 'Redis does not answer: events of other replicas are found by polling' },
})

const bindMemoryBus = (bind: Bind): void =>
  void bind(EventBus).toResolvedValue(
    (logger: Logger, clock: Clock, metrics: Metrics | undefined) =>
      memoryEventBus({ logger, clock, ...(metrics && { metrics }) }),
    [Logger, Clock, optionalMetrics],
  )

const bindRedisBus = async (bind: Bind, url: string): Promise<void> => {
  const { redisEventBus } = await import('./drivers/redis.ts')
  bind(EventBus).toResolvedValue(
    // oxlint-disable-next-line max-params -- one argument for each token of the list below
    (replica, logger, clock, health, lifecycle, metrics: Metrics | undefined) => {
      const options = { url, replica: replica.id, logger, clock, ...(metrics && { metrics }) }
      const bus = lifecycle.add(redisEventBus(options))
      health.add(listening(bus))
      return bus
    },
    [Replica, Logger, Clock, HealthRegistry, Lifecycle, optionalMetrics],
  )
}

const bindDurable = async (bind: Bind, url: string | undefined): Promise<void> => {
  const streams = url === undefined ? undefined : await import('./durable/stream-carrier.ts')
  bind(DurableEvents).toResolvedValue(
    // oxlint-disable-next-line max-params -- one argument for each token of the list below
    (replica, stores, unitOfWork, logger, clock, lifecycle, metrics: Metrics | undefined) => {
      const carrier = url === undefined ? undefined : streams?.streamCarrier({ url, logger, clock })
      const around = { carrier, logger, clock, ...(metrics && { metrics }) }
      return lifecycle.add(durableEvents({ replica: replica.id, stores, unitOfWork, ...around }))
    },
    [Replica, Stores, UnitOfWork, Logger, Clock, Lifecycle, optionalMetrics],
  )
}

/** Binds `Replica`, `EventBus`, and `DurableEvents` over the outbox of `Stores`. */
export const eventsModule = ({ redisUrl: url }: EventsModuleOptions = {}): ContainerModule =>
  new ContainerModule(async ({ bind }) => {
    bind(Replica).toResolvedValue((clock) => ({ id: newId('rep', clock.now()) }), [Clock])
    if (url === undefined) bindMemoryBus(bind)
    else await bindRedisBus(bind, url)
    await bindDurable(bind, url)
  })
