import {
  AgentRuntime,
  Budgets,
  Channels,
  Clock,
  Embeddings,
  EventBus,
  Lifecycle,
  Logger,
  Memories,
  Metrics,
  Models,
  PluginHost,
  RateLimits,
  RequestContext,
  Stores,
  UnitOfWork,
} from '@covent/core'
import { ContainerModule } from 'inversify'
import { agentRuntime } from './agent-runtime.ts'
import type { AgentOptions } from './dependencies.ts'
import { memoryMemories } from './memory/memory-memories.ts'

/** Binds `AgentRuntime` and `Memories`. */
export const agentModule = (options: AgentOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Memories).toResolvedValue(
      (embeddings, clock, events) => {
        const memories = memoryMemories({ embeddings, clock })
        events.on('conversation.ended', (place) => memories.forget(place))
        return memories
      },
      [Embeddings, Clock, EventBus],
    )
    bind(AgentRuntime).toResolvedValue(
      // oxlint-disable-next-line max-params -- the container hands services over by position
      (
        lifecycle,
        stores,
        unitOfWork,
        models,
        budgets,
        limits,
        plugins,
        channels,
        events,
        logger,
        clock,
        metrics,
        context,
      ) => {
        const around = { limits, plugins, channels, events, logger, clock, metrics, context }
        return lifecycle.add(agentRuntime({ stores, unitOfWork, models, budgets, ...around }, options))
      },
      [
        Lifecycle,
        Stores,
        UnitOfWork,
        Models,
        Budgets,
        RateLimits,
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
