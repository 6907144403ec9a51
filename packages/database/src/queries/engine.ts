import type { RawBuilder, SelectQueryBuilder } from 'kysely'

/** What engines say in ways of their own. */
export interface Engine {
  /** The time by the clock of the database, in whole milliseconds since the epoch. */
  readonly nowMs: RawBuilder<number>
  /** Lets other transactions wait that want the same rows, until this one ends. */
  locked<DB, T extends keyof DB, O>(rows: SelectQueryBuilder<DB, T, O>): SelectQueryBuilder<DB, T, O>
}
