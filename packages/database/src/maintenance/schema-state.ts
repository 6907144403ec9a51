import { existsSync } from 'node:fs'
import type { SqlDatabase } from '@covent/core'
import { pendingAfter } from '../migrations/pending.ts'
import type { PostgresOptions } from '../postgres/pool.ts'
import { openConnection } from '../sqlite/connection.ts'
import { pendingMigrations } from '../sqlite/pending-migrations.ts'
import { sqliteDatabase, type SqliteOptions } from '../sqlite/sqlite-database.ts'

/** Where a database is: with a `url` it is PostgreSQL's, else the file at `path`. */
export interface DatabasePlace extends SqliteOptions, Omit<PostgresOptions, 'url'> {
  readonly url?: string | undefined
}

export interface SchemaState {
  readonly engine: SqlDatabase['engine']
  /** Names of migrations that are still to run. */
  readonly pending: readonly string[]
}

const pendingInFile = (path: string): readonly string[] => {
  if (!existsSync(path)) return pendingAfter([])
  const connection = openConnection(path, { readOnly: true, busyTimeoutMs: 1000 })
  try {
    return pendingMigrations(connection)
  } finally {
    connection.close()
  }
}

/** Reads only. Throws `database.schema-newer`. */
export const schemaState = async ({ url, path, ...options }: DatabasePlace): Promise<SchemaState> => {
  if (url === undefined) return { engine: 'sqlite', pending: pendingInFile(path) }
  const { postgresSchema } = await import('./postgres-schema.ts')
  return { engine: 'postgres', pending: await postgresSchema({ ...options, url }).pending() }
}

/** Runs what is pending, and tells what that was; on PostgreSQL it also takes up pgvector, where that has come since. */
export const migrateSchema = async (place: DatabasePlace): Promise<SchemaState> => {
  const before = await schemaState(place)
  const { url, ...options } = place
  if (url === undefined) {
    const database = sqliteDatabase(options)
    await database.start()
    await database.stop()
  } else {
    const { postgresSchema } = await import('./postgres-schema.ts')
    await postgresSchema({ ...options, url }).migrate()
  }
  return before
}
