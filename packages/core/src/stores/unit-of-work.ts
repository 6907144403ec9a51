import { type Token, token } from '../token.ts'
import type { JobStore } from '../jobs/job-store.ts'
import type { ConversationStore } from './conversation-store.ts'
import type { DeviceStore } from './identity/device-store.ts'
import type { KeyStore } from './identity/key-store.ts'
import type { KeyValueStore } from './key-value-store.ts'
import type { MemoryStore } from './memory-store.ts'
import type { MessageStore } from './message-store.ts'
import type { OutboxStore } from './outbox-store.ts'
import type { PairingStore } from './identity/pairing-store.ts'
import type { PluginStore } from './plugin-store.ts'
import type { SecretStore } from './secret-store.ts'
import type { SecondFactorStore } from './identity/second-factor-store.ts'
import type { SessionStore } from './identity/session-store.ts'
import type { SqlDatabase } from './sql-database.ts'
import type { TurnStore } from './turn-store.ts'

/** Every store. Used directly, each write commits on its own before it resolves, and reads see what has committed. */
export interface Stores {
  readonly conversations: ConversationStore
  readonly messages: MessageStore
  readonly turns: TurnStore
  readonly keys: KeyStore
  readonly keyValues: KeyValueStore
  readonly plugins: PluginStore
  readonly secrets: SecretStore
  readonly devices: DeviceStore
  readonly sessions: SessionStore
  readonly secondFactors: SecondFactorStore
  readonly pairing: PairingStore
  readonly outbox: OutboxStore
  readonly jobs: JobStore
  readonly memories: MemoryStore
  readonly sql: SqlDatabase
}
export const Stores: Token<Stores> = token('Stores')

/** Groups writes: all of them or none. */
export interface UnitOfWork {
  /**
   * Runs `work` with stores of one transaction and resolves once it has committed durably; a rejection of `work` rolls
   * back its writes and nobody else's. Await nothing but these stores inside: other writers wait meanwhile. It sees the
   * database as it was when it began; where somebody changed meanwhile what it changes too, `work` runs once more from
   * the start, so it does nothing that must not be done twice. What it decides by rows that it only reads, it guards by a
   * unique key or by changing them. A write that is refused because its key is taken leaves the unit as it was; after any
   * other refusal the unit may be beyond going on.
   */
  run<T>(work: (stores: Stores) => Promise<T>): Promise<T>
}
export const UnitOfWork: Token<UnitOfWork> = token('UnitOfWork')
