import {
  AgentRuntime,
  Budgets,
  Channels,
  Clock,
  DurableEvents,
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
      (embeddings, clock, durable) => {
        const memories = memoryMemories({ embeddings, clock })
        durable.consume('memories', ['conversation.ended'], {
          act: ({ payload }) => memories.forget(payload),
        })
        return memories
      },
      [Embeddings, Clock, DurableEvents],
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
