import { type Dialect, PostgresDialect, type PostgresPool, sql } from 'kysely'
import type { Flavour } from '../../migrations/flavour.ts'
import type { Engine } from '../../queries/engine.ts'

/** How PostgreSQL says what migrations need. */
export const postgresFlavour: Flavour = {
  text: sql`text collate "C"`,
  wholeNumber: 'bigint',
  sequence: 'bigint',
  numbered: (column) => column.notNull().generatedByDefaultAsIdentity().primaryKey(),
  table: (builder) => builder,
  keyed: (builder) => builder,
}

export const postgresEngine: Engine = {
  nowMs: sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
  // Rows that refer to these may be written meanwhile.
  locked: (rows) => rows.forNoKeyUpdate(),
}

/** Speaks PostgreSQL; `open` is asked only when a statement is run through Kysely itself, as migrations do. */
export const postgresDialect = (open: () => PostgresPool): Dialect =>
  new PostgresDialect({ pool: async () => open() })
