import {
  AgentRuntime,
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
