import {
  type AgentRuntime,
  type EventBus,
  type EventMap,
  noBudgets,
  noMetrics,
  type Service,
  silentLogger,
  systemClock,
  type ToldEvent,
  type TurnEvent,
} from '@covent/core'
import { agentRuntime } from '@covent/agent'
import { actionsConfig, agentConfig } from '@covent/agent/config'
import type { AgentOptions } from '../../src/dependencies.ts'
import { type Connection, type MemoryDatabase, memoryDatabase } from './memory-database.ts'
import { type ChannelBench, channelBench } from './channel-bench.ts'
import { type PluginBench, pluginBench } from './plugin-bench.ts'
import { burstLimits } from './burst-limits.ts'
import { tokenBudgets } from './token-budgets.ts'
import { type ScriptedModel, scriptedModel } from './scripted-model.ts'

export interface Emitted {
  readonly type: keyof EventMap
  readonly payload: unknown
}

/** One life of a server's agent. */
export interface Life {
  readonly agent: AgentRuntime & Required<Service>
  readonly database: Connection
  readonly emitted: readonly Emitted[]
  /** Accepts a message of principal `ada` in conversation `talk`. */
  say(
    text: string,
    more?: { readonly key?: string; readonly conversation?: string },
  ): ReturnType<AgentRuntime['accept']>
}

export interface AgentBench {
  readonly database: MemoryDatabase
  readonly model: ScriptedModel
  readonly plugins: PluginBench
  readonly channels: ChannelBench
  readonly budgets: ReturnType<typeof tokenBudgets>
  live(options?: Partial<AgentOptions>): Promise<Life>
  /** One more server beside those that live, on the same database. */
  liveBeside(options?: Partial<AgentOptions>): Promise<Life>
}

type Handler = (payload: unknown) => void

/** What one life emits, of which all lives hear what concerns turns that others answer. */
const recordingBus = (
  emitted: Emitted[],
  { handlers, unreliable }: { readonly handlers: Map<string, Set<Handler>>; readonly unreliable: boolean },
): EventBus => {
  let sent = 0
  const carry = (type: string, payload: unknown): void => {
    const turn = unreliable ? sent++ % 7 : 0
    const times = [1, 1, 2, 1, 0, 1, 1][turn]!
    for (const handler of handlers.get(type) ?? [])
      for (let n = 0; n < times; n++) setTimeout(handler, turn === 5 ? 10 : 0, payload)
  }
  return {
    emit(type: keyof EventMap, payload: unknown) {
      if (type.startsWith('agent.turn.')) carry(type, JSON.parse(JSON.stringify(payload)))
      else emitted.push({ type, payload })
    },
    on(type: string, handler: Handler) {
      const those = handlers.get(type) ?? new Set()
      handlers.set(type, those.add(handler))
      return { [Symbol.dispose]: () => those.delete(handler) }
    },
  } as unknown as EventBus
}

const defaults: AgentOptions = {
  ...agentConfig.parse({}),
  ...actionsConfig.parse({}),
  budgets: noBudgets,
  drainMs: 20,
}

/** A database that outlives its agents, of which `live` starts a new one. */
export const agentBench = async ({ unreliable = false } = {}): Promise<AgentBench> => {
  const database = memoryDatabase()
  const model = scriptedModel()
  const plugins = pluginBench()
  const channels = channelBench()
  const budgets = tokenBudgets()
  const { conversations } = database.connect().stores
  for (const id of ['talk', 'other'])
    await conversations.create({ id, principalId: 'ada', character: 'assistant', createdAt: 0 })
  const handlers = new Map<string, Set<Handler>>()
  const start = async (connection: Connection, options: Partial<AgentOptions> = {}): Promise<Life> => {
    const emitted: Emitted[] = []
    const agent = agentRuntime(
      {
        stores: connection.stores,
        unitOfWork: connection.unitOfWork,
        models: model,
        budgets,
        limits: burstLimits(),
        plugins,
        channels,
        events: recordingBus(emitted, { handlers, unreliable }),
        logger: silentLogger,
        clock: systemClock,
        metrics: noMetrics,
        context: { run: (_fields, work) => work(), current: () => undefined },
      },
      { ...defaults, ...options },
    ) as Life['agent']
    await agent.start()
    return {
      agent,
      emitted,
      database: connection,
      say: (text, more = {}) =>
        agent.accept({
          principalId: 'ada',
          conversationId: more.conversation ?? 'talk',
          text,
          stream: true,
          ...(more.key !== undefined && { idempotencyKey: more.key }),
        }),
    }
  }
  return {
    database,
    model,
    plugins,
    channels,
    budgets,
    live: (options) => start(database.connect(), options),
    liveBeside: (options) => start(database.join(), options),
  }
}
/** All events of a turn. */
export const allOf = async (events: AsyncIterable<ToldEvent>): Promise<TurnEvent[]> =>
  (await all(events)).map(({ event }) => event)

export const all = async <T>(events: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = []
  for await (const event of events) found.push(event)
  return found
}

export const kinds = (events: readonly TurnEvent[]): readonly string[] => events.map((event) => event.kind)

export const deltas = (events: readonly { readonly kind: string }[]): string =>
  events.map((event) => ('text' in event && event.kind === 'delta' ? String(event.text) : '')).join('')

/** Resolves when the condition holds; the test's own time limit ends it otherwise. */
export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}
