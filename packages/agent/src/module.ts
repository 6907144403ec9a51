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
import { memories } from './memory/memories.ts'

/** Binds `AgentRuntime` and `Memories`. */
export const agentModule = (options: AgentOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Memories).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (embeddings, { memories: store }, clock, durable) => {
        const kept = memories({ embeddings, store, clock })
        // Those of the conversation went with it; this takes what a turn that still ran wrote after.
        durable.consume('memories', ['conversation.ended'], { act: ({ payload }) => kept.forget(payload) })
        return kept
      },
      [Embeddings, Stores, Clock, DurableEvents],
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
