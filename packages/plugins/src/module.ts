import {
  Clock,
  Egress,
  EventBus,
  HealthRegistry,
  Lifecycle,
  Logger,
  Metrics,
  PluginHost,
  Secrets,
  Stores,
} from '@covent/core'
import { ContainerModule } from 'inversify'
import { pluginHost, type PluginHostOptions } from './host/plugin-host.ts'

export const pluginsModule = (options: PluginHostOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(PluginHost).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (logger, events, stores, clock, metrics, health, egress, secrets, lifecycle) => {
        const wayOut = { egress, secrets }
        return lifecycle.add(pluginHost(options, { logger, events, stores, clock, metrics, health, wayOut }))
      },
      [Logger, EventBus, Stores, Clock, Metrics, HealthRegistry, Egress, Secrets, Lifecycle],
    )
  })
