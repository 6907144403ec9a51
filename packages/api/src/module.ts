import * as core from '@covent/core'
import { ContainerModule } from 'inversify'
import type { ApiSettings } from './api-deps.ts'
import { Api, createApi } from './create-api.ts'

/** Binds `Api`, which listens from the app's start to its stop. */
export const apiModule = (settings: ApiSettings): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Api).toResolvedValue(
      (...given) => {
        const [runtime, authenticator, keys, devices, sessions, secondFactors, tickets, ...more] = given
        const [policy, limits, secrets, rotation, stores, registry, ...rest] = more
        const [monitor, routes, audit, health, events, context, logger, clock, metrics, lifecycle] = rest
        const who = {
          authenticator,
          keys,
          devices,
          sessions,
          secondFactors,
          tickets,
          policy,
          limits,
          secrets,
          rotation,
        }
        const deps = { runtime, ...who, stores, registry, monitor, routes }
        return lifecycle.add(
          createApi({ ...deps, audit, health, events, context, logger, clock, metrics }, settings),
        )
      },
      [
        core.AgentRuntime,
        core.Authenticator,
        core.ApiKeys,
        core.Devices,
        core.Sessions,
        core.SecondFactors,
        core.Tickets,
        core.Policy,
        core.RateLimits,
        core.SecureStorage,
        core.KeyRotation,
        core.Stores,
        core.PluginRegistry,
        core.PluginMonitor,
        core.PluginRoutes,
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
