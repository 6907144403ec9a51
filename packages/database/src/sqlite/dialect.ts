import { type Dialect, SqliteAdapter, type SqliteDatabase as SqliteHandle, SqliteDialect, sql } from 'kysely'
import type { Flavour } from '../migrations/flavour.ts'
import type { Engine } from '../queries/engine.ts'

/** How SQLite says what migrations need. */
export const sqliteFlavour: Flavour = {
  text: 'text',
  wholeNumber: 'integer',
  vector: 'blob',
  // A function of each connection.
  similarity: async () => {},
  sequence: 'integer',
  numbered: (column) => column.notNull().primaryKey(),
  table: (builder) => builder.modifyEnd(sql`strict`),
  keyed: (builder) => builder.modifyEnd(sql`strict, without rowid`),
}

export const sqliteEngine: Engine = {
  nowMs: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  // One transaction writes at a time.
  locked: (rows) => rows,
}

/** SQLite rolls schema changes back with their transaction, which Kysely does not count on by itself. */
const transactionalAdapter = (): SqliteAdapter =>
  Object.defineProperty(new SqliteAdapter(), 'supportsTransactionalDdl', { value: true })

/** Speaks SQLite; `open` is asked only when a statement is run through Kysely itself, as migrations do. */
export const sqliteDialect = (open: () => SqliteHandle): Dialect => {
  const dialect = new SqliteDialect({ database: async () => open() })
  return {
    createAdapter: transactionalAdapter,
    createDriver: () => dialect.createDriver(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}
