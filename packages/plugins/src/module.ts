import {
  AuditLog,
  Budgets,
  Channels,
  Clock,
  Egress,
  Embeddings,
  EventBus,
  HealthRegistry,
  Lifecycle,
  Logger,
  Memories,
  Metrics,
  Models,
  noBudgets,
  PluginHost,
  PluginMonitor,
  PluginRegistry,
  RateLimits,
  RequestContext,
  PluginRoutes,
  SecretMask,
  Secrets,
  Stores,
  type Token,
  token,
} from '@covent/core'
import { ContainerModule } from 'inversify'
import type { Mind } from './host/broker/ai/mind.ts'
import { pluginHost, type PluginHostOptions, type PluginHostService } from './host/plugin-host.ts'

const MindServices: Token<Mind> = token('plugins.Mind')
const Host: Token<PluginHostService> = token('plugins.Host')

export const pluginsModule = (options: PluginHostOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(MindServices).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list
      (models, embeddings, memories, budgets) => {
        const caps = options.budgets ?? noBudgets
        return { models, embeddings, memories, budgets, caps }
      },
      [Models, Embeddings, Memories, Budgets],
    )
    bind(Host).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (
        logger,
        events,
        stores,
        clock,
        metrics,
        health,
        audit,
        context,
        egress,
        secrets,
        mask,
        mind,
        limits,
        lifecycle,
      ) => {
        const watched = { logger, events, clock, metrics, health, audit, context, mask }
        return lifecycle.add(
          pluginHost(options, { ...watched, stores, mind, limits, wayOut: { egress, secrets, mask } }),
        )
      },
      [
        Logger,
        EventBus,
        Stores,
        Clock,
        Metrics,
        HealthRegistry,
        AuditLog,
        RequestContext,
        Egress,
        Secrets,
        SecretMask,
        MindServices,
        RateLimits,
        Lifecycle,
      ],
    )
    bind(Channels).toResolvedValue(({ channels }) => channels, [Host])
    bind(PluginHost).toResolvedValue((host) => host, [Host])
    bind(PluginMonitor).toResolvedValue(({ monitor }) => monitor, [Host])
    bind(PluginRoutes).toResolvedValue(({ routes }) => routes, [Host])
    bind(PluginRegistry).toResolvedValue(({ registry }) => registry, [Host])
  })
