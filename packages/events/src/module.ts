import { Clock, EventBus, Logger, Metrics } from '@covent/core'
import { ContainerModule } from 'inversify'
import { memoryEventBus } from './drivers/memory.ts'

/** Binds `EventBus` to the bus within the process. */
export const eventsModule = (): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(EventBus).toResolvedValue(
      (logger: Logger, clock: Clock, metrics: Metrics | undefined) =>
        memoryEventBus({ logger, clock, ...(metrics && { metrics }) }),
      [Logger, Clock, { serviceIdentifier: Metrics, optional: true }],
    )
  })
