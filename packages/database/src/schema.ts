import type { Generated } from 'kysely'
import type { SqlVector } from './query.ts'

/** Times are milliseconds since the epoch; `seq` numbers rows in the order in which they came; JSON stands as text. */
export interface Schema {
  readonly conversations: Sequenced<ConversationRow>
  readonly messages: Sequenced<MessageRow>
  readonly turns: Sequenced<TurnRow>
  readonly calls: CallRow
  readonly api_keys: Sequenced<KeyRow>
  readonly devices: Sequenced<DeviceRow>
  readonly sessions: Sequenced<SessionRow>
  readonly pairing_codes: PairingCodeRow
  readonly second_factors: SecondFactorRow
  readonly instance: { readonly id: string }
  readonly key_values: KeyValueRow
  readonly key_value_usage: UsageRow
  readonly key_value_operations: OperationRow
  readonly plugins: PluginRow
  readonly plugin_grants: PluginGrantRow
  readonly plugin_versions: PluginVersionRow
  readonly sealed_secrets: SealedSecretsRow
  readonly memories: Sequenced<MemoryRow>
  readonly memory_people: MemoryPersonRow
  readonly outbox: Sequenced<OutboxRow>
  readonly outbox_consumers: OutboxConsumerRow
  readonly outbox_subscriptions: OutboxSubscriptionRow
  readonly jobs: Sequenced<Ranked>
  readonly job_queues: { readonly name: string; readonly fence: number }
  readonly job_schedules: { readonly name: string; readonly tick_at: number }
}

type Sequenced<Row> = Row & { readonly seq: Generated<number> }

export interface ConversationRow {
  readonly id: string
  /** Empty while the conversation is being deleted. */
  readonly principal_id: string
  readonly character: string
  readonly created_at: number
}

export interface MessageRow {
  readonly id: string
  readonly conversation_id: string
  readonly turn_id: string
  readonly role: string
  readonly text: string
  readonly created_at: number
  readonly status: string
  readonly error_code: string | null
  readonly error_message: string | null
}

export interface TurnRow {
  readonly id: string
  readonly conversation_id: string | null
  readonly principal_id: string
  readonly character: string
  readonly model: string
  readonly message_id: string | null
  readonly idempotency_key: string | null
  readonly body_hash: string | null
  readonly state: string
  readonly created_at: number
  readonly ended_at: number | null
  readonly reply_id: string | null
  readonly error_code: string | null
  readonly error_message: string | null
  readonly owner: string
  readonly fence: number
  /** By the clock of the database; past it another may take the turn over. */
  readonly lease_until: number
}

export interface CallRow {
  readonly id: string
  readonly turn_id: string
  readonly step: number
  readonly position: number
  readonly said: string
  readonly plugin: string
  readonly action: string
  readonly tool: string
  readonly tool_call_id: string
  readonly effect: string
  readonly input: string | null
  readonly state: string
  readonly output: string | null
  readonly error_code: string | null
  readonly error_message: string | null
  readonly started_at: number
  readonly ended_at: number | null
}

export interface KeyRow {
  readonly id: string
  readonly name: string
  readonly hash: string
  readonly role: string
  readonly scopes: string | null
  readonly principal_id: string | null
  readonly created_at: number
  readonly expires_at: number | null
  readonly last_used_at: number | null
  readonly revoked_at: number | null
}

export interface DeviceRow {
  readonly id: string
  readonly name: string
  readonly role: string
  readonly public_key: string
  readonly created_at: number
  readonly answered_at: number
  readonly revoked_at: number | null
}

export interface SecondFactorRow {
  readonly device_id: string
  readonly sealed: string
  readonly confirmed_at: number | null
  readonly last_step: number
  readonly tries: number
  readonly next_try_at: number
}

export interface SessionRow {
  readonly id: string
  readonly hash: string
  readonly device_id: string
  readonly created_at: number
  readonly last_used_at: number
  readonly ends_at: number
  readonly proven_until: number
}

/** At most one. */
export interface PairingCodeRow {
  readonly hash: string
  readonly role: string
  readonly issuer: string
  readonly expires_at: number
  readonly tries: number
  readonly next_try_at: number
}

export interface KeyValueRow {
  readonly plugin: string
  readonly scope: string
  readonly owner: string
  readonly key: string
  readonly value: string
  readonly size_bytes: number
  readonly expires_at: number | null
}

/** Bytes that a plugin's rows take, kept in step with them. */
export interface UsageRow {
  readonly plugin: string
  readonly bytes: number
}

/** Names of writes that were done, with what they answered. */
export interface OperationRow {
  readonly plugin: string
  readonly operation_id: string
  readonly changed: number
  readonly done_at: number
}

/** Truths stand as 0 and 1. */
export interface PluginRow {
  readonly id: string
  readonly version: string
  readonly digest: string
  readonly key_id: string | null
  readonly enabled: number
  readonly installed_at: number
}

export interface PluginVersionRow {
  readonly id: string
  readonly version: string
  readonly digest: string
  readonly key_id: string | null
  readonly role: 'previous' | 'pending'
  readonly kept_at: number
}

export interface PluginGrantRow {
  readonly plugin: string
  readonly digest: string
  readonly permission: string
  readonly granted: number
  readonly decided_at: number
}

export interface SealedSecretsRow {
  readonly id: number
  readonly generation: number
  readonly text: string
}

/** One for each consumer that has not dealt with the event. */
export interface OutboxRow {
  readonly consumer: string
  readonly event_id: string
  readonly type: string
  readonly key: string
  readonly payload: string
  readonly created_at: number
  readonly state: 'open' | 'parked' | 'dead'
  /** When it may be claimed: in hand, when the lease ends; as a dead letter, when it died. */
  readonly due_at: number
  readonly attempts: number
  readonly fence: number
  /** Who has it in hand. */
  readonly owner: string | null
  readonly error: string | null
}

export interface OutboxConsumerRow {
  readonly name: string
  /** The number of its last claim. */
  readonly fence: number
}

export interface OutboxSubscriptionRow {
  readonly type: string
  readonly consumer: string
}

export interface JobRow {
  readonly id: string
  readonly queue: string
  /** Empty where it is nobody's. */
  readonly principal_id: string
  readonly idempotency_key: string | null
  readonly payload: string
  readonly state: string
  readonly priority: number
  readonly created_at: number
  /** When it may start; while it runs, when its lease ends. */
  readonly due_at: number
  readonly attempt: number
  readonly attempts: number
  readonly timeout_ms: number
  readonly owner: string
  readonly fence: number
  readonly is_cancelled: number
  readonly started_at: number | null
  readonly ended_at: number | null
  readonly progress: string | null
  readonly result: string | null
  /** Attempts that have ended, as JSON. */
  readonly history: string
  readonly error_code: string | null
  readonly error_message: string | null
}

interface Ranked extends JobRow {
  /** Those with a lower one are started first. */
  readonly rank: number
}

export interface MemoryRow {
  readonly id: string
  readonly principal_id: string
  /** Empty for what belongs to no conversation. */
  readonly conversation_id: string
  readonly origin: string
  readonly text: string
  /** SHA-256 of the text, hex. */
  readonly text_hash: string
  readonly tainted: number
  readonly created_at: number
  readonly embedder: string
  readonly vector: SqlVector
}

/** How many memories a person has; whoever adds one changes it, so that they come one after another. */
export interface MemoryPersonRow {
  readonly principal_id: string
  readonly memories: number
}
