import {
  AgentRuntime,
  Channels,
  Clock,
  EventBus,
  Lifecycle,
  Logger,
  Metrics,
  Models,
  PluginHost,
  RequestContext,
  Stores,
  UnitOfWork,
} from '@covent/core'
import { ContainerModule } from 'inversify'
import { agentRuntime } from './agent-runtime.ts'
import type { AgentOptions } from './dependencies.ts'

/** Binds `AgentRuntime`. */
export const agentModule = (options: AgentOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(AgentRuntime).toResolvedValue(
      // oxlint-disable-next-line max-params -- the container hands services over by position
      (lifecycle, stores, unitOfWork, models, plugins, channels, events, logger, clock, metrics, context) =>
        lifecycle.add(
          agentRuntime(
            { stores, unitOfWork, models, plugins, channels, events, logger, clock, metrics, context },
            options,
          ),
        ),
      [
        Lifecycle,
        Stores,
        UnitOfWork,
        Models,
        PluginHost,
        Channels,
        EventBus,
        Logger,
        Clock,
        Metrics,
        RequestContext,
      ],
    )
  })
