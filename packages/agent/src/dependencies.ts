import type {
  Budgets,
  BudgetSettings,
  Channels,
  Clock,
  EventBus,
  Logger,
  Metrics,
  Models,
  PluginHost,
  RateLimits,
  RatePolicy,
  RequestContext,
  Stores,
  UnitOfWork,
} from '@covent/core'
import type { ActionsConfig, AgentConfig } from './config.ts'

/** What the agent needs of others. */
export interface AgentDependencies {
  readonly stores: Stores
  readonly unitOfWork: UnitOfWork
  readonly models: Models
  readonly budgets: Budgets
  readonly limits: RateLimits
  readonly plugins: PluginHost
  readonly channels: Channels
  readonly events: EventBus
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: Metrics
  readonly context: RequestContext
}

export interface AgentOptions extends AgentConfig, ActionsConfig {
  /** What models may be used for in a day. */
  readonly budgets: BudgetSettings
  /** Turns of each character; without it they are not limited. */
  readonly rate?: Omit<RatePolicy, 'name'> | undefined
  /** How long `stop()` lets running turns go on. */
  readonly drainMs: number
}
