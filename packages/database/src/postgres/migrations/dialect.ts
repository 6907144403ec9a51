import { type Dialect, PostgresDialect, type PostgresPool, sql } from 'kysely'
import type { Flavour } from '../../migrations/flavour.ts'
import type { Engine } from '../../queries/engine.ts'

/** In plain SQL; servers that have pgvector are given its own. */
const withPlainSum = sql`create function covent_dot(a real[], b real[]) returns real
  language sql immutable parallel safe return (select sum(x * y) from unnest(a, b) as pairs (x, y))`

/** How PostgreSQL says what migrations need. */
export const postgresFlavour: Flavour = {
  text: sql`text collate "C"`,
  wholeNumber: 'bigint',
  vector: sql`real[]`,
  similarity: async (db) => void (await withPlainSum.execute(db)),
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
