import * as core from '@covent/core'
import { ContainerModule } from 'inversify'
import type { ApiSettings } from './api-deps.ts'
import { Api, createApi } from './create-api.ts'

/** Binds `Api`, which listens from the app's start to its stop. */
export const apiModule = (settings: ApiSettings): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Api).toResolvedValue(
      (...given) => {
        const [runtime, authenticator, keys, policy, limits, stores, plugins, registry, monitor, ...watch] =
          given
        const [audit, health, events, context, logger, clock, metrics, lifecycle] = watch
        const deps = { runtime, authenticator, keys, policy, limits, stores, plugins, registry, monitor }
        return lifecycle.add(
          createApi({ ...deps, audit, health, events, context, logger, clock, metrics }, settings),
        )
      },
      [
        core.AgentRuntime,
        core.Authenticator,
        core.ApiKeys,
        core.Policy,
        core.RateLimits,
        core.Stores,
        core.PluginHost,
        core.PluginRegistry,
        core.PluginMonitor,
        core.AuditLog,
        core.HealthRegistry,
        core.EventBus,
        core.RequestContext,
        core.Logger,
        core.Clock,
        core.Metrics,
        core.Lifecycle,
      ],
    )
  })
