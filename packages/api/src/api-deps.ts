import type {
  AgentRuntime,
  ApiKeys,
  AuditLog,
  Authenticator,
  Clock,
  Devices,
  EventBus,
  HealthRegistry,
  KeyRotation,
  Logger,
  Metrics,
  PluginMonitor,
  PluginRegistry,
  PluginRoutes,
  Policy,
  RateLimits,
  RequestContext,
  SecondFactors,
  SecureStorage,
  Sessions,
  Stores,
  Tickets,
} from '@covent/core'
import type { HttpConfig } from './config.ts'
import type { RateSettings } from './limits/limit-table.ts'

/** What the HTTP surface stands on. */
export interface ApiDeps {
  readonly runtime: AgentRuntime
  readonly authenticator: Authenticator
  readonly keys: ApiKeys
  readonly devices: Devices
  readonly sessions: Sessions
  readonly secondFactors: SecondFactors
  readonly tickets: Tickets
  readonly policy: Policy
  readonly limits: RateLimits
  readonly stores: Pick<Stores, 'conversations' | 'messages' | 'outbox'>
  readonly registry: PluginRegistry
  readonly monitor: PluginMonitor
  readonly routes: PluginRoutes
  readonly secrets: SecureStorage
  readonly rotation: KeyRotation
  readonly audit: AuditLog
  readonly health: HealthRegistry
  readonly events: EventBus
  readonly context: RequestContext
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: Metrics
}

export interface ApiSettings extends HttpConfig {
  readonly rateLimit: RateSettings
  /** Where `run/admin.sock` is made; without it there is no admin socket. */
  readonly home?: string
  /** How often a silent event stream gets a comment; 15 s. */
  readonly heartbeatMs?: number
}
