import { Clock, EventBus, HealthRegistry, Lifecycle, Logger, Metrics, PluginHost, Stores } from '@covent/core'
import { ContainerModule } from 'inversify'
import { pluginHost, type PluginHostOptions } from './host/plugin-host.ts'

export const pluginsModule = (options: PluginHostOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(PluginHost).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (logger, events, stores, clock, metrics, health, lifecycle) =>
        lifecycle.add(pluginHost(options, { logger, events, stores, clock, metrics, health })),
      [Logger, EventBus, Stores, Clock, Metrics, HealthRegistry, Lifecycle],
    )
  })
