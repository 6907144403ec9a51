import { Clock, EventBus, Jobs, Lifecycle, Logger, Metrics, Stores, UnitOfWork } from '@covent/core'
import { ContainerModule } from 'inversify'
import type { JobsConfig } from './config.ts'
import { jobQueue } from './drivers/embedded.ts'

/** Binds `Jobs`, over the database. */
export const jobsModule = (config: JobsConfig): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Jobs).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (stores, unitOfWork, clock, logger, events, lifecycle, metrics) =>
        lifecycle.add(jobQueue({ ...config, stores, unitOfWork, clock, logger, events, metrics })),
      [Stores, UnitOfWork, Clock, Logger, EventBus, Lifecycle, Metrics],
    )
  })
