import {
  Channels,
  Clock,
  Egress,
  EventBus,
  HealthRegistry,
  Lifecycle,
  Logger,
  Metrics,
  PluginHost,
  PluginMonitor,
  PluginRegistry,
  Secrets,
  Stores,
  type Token,
  token,
} from '@covent/core'
import { ContainerModule } from 'inversify'
import { pluginHost, type PluginHostOptions, type PluginHostService } from './host/plugin-host.ts'

const Host: Token<PluginHostService> = token('plugins.Host')

export const pluginsModule = (options: PluginHostOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Host).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (logger, events, stores, clock, metrics, health, egress, secrets, lifecycle) => {
        const wayOut = { egress, secrets }
        return lifecycle.add(pluginHost(options, { logger, events, stores, clock, metrics, health, wayOut }))
      },
      [Logger, EventBus, Stores, Clock, Metrics, HealthRegistry, Egress, Secrets, Lifecycle],
    )
    bind(Channels).toResolvedValue(({ channels }) => channels, [Host])
    bind(PluginHost).toResolvedValue((host) => host, [Host])
    bind(PluginMonitor).toResolvedValue(({ monitor }) => monitor, [Host])
    bind(PluginRegistry).toResolvedValue(({ registry }) => registry, [Host])
  })
