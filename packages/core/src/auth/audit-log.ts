import type { Page, PageRequest } from '../stores/page.ts'
import { type Token, token } from '../token.ts'

/** Who did it: a principal or a plugin by its id, or the server itself. */
export interface AuditActor {
  readonly kind: 'principal' | 'plugin' | 'system'
  readonly id: string
}

/** What the server does of its own accord. */
export const systemActor: AuditActor = { kind: 'system', id: 'covent' }

export type AuditOutcome = 'allowed' | 'denied' | 'failed'

export interface AuditEntry {
  readonly actor: AuditActor
  /** noun.verb: `plugin.install`, `http.fetch`. */
  readonly action: string
  /** What it was done to. Texts are cut to 500 characters. */
  readonly target?: string
  readonly outcome: AuditOutcome
  /** Of the error, where it was denied or failed. */
  readonly code?: string
  /** At most 16 members; never a secret. */
  readonly data?: Readonly<Record<string, string | number | boolean>>
}

/** An entry as it stands in the log. */
export interface AuditRecord extends AuditEntry {
  /** Counts up from 1 in the order in which entries were taken; a gap is what is kept no longer. */
  readonly seq: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface AuditQuery extends PageRequest {
  /** Where to begin without a cursor: at the oldest record, or so that the page ends with the newest. */
  readonly from: 'start' | 'end'
  /** Only what was done by it. */
  readonly actor?: string | undefined
  readonly outcome?: AuditOutcome | undefined
}

/** Who did what, and what came of it. Entries are never changed. */
export interface AuditLog {
  /**
   * Resolves once the entry is kept. Rejects where it cannot be: what was to be done must then not be done. For
   * administrative changes, before they take effect.
   */
  record(entry: AuditEntry): Promise<void>
  /** Takes an entry and waits for nothing; for what happens too often to be waited for. */
  note(entry: AuditEntry): void
  /** Records in order, oldest first. A cursor is the `seq` of the last record seen, or what a page says. */
  list(query: AuditQuery): Promise<Page<AuditRecord>>
}
export const AuditLog: Token<AuditLog> = token('AuditLog')

/** Keeps nothing. For programs that take one package and have no audit. */
export const noAudit: AuditLog = {
  record: async () => {},
  note() {},
  list: async () => ({ items: [] }),
}
