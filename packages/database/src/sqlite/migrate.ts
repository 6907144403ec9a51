import { DatabaseError } from '@covent/core'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Query } from '../query.ts'
import type { Schema } from '../schema.ts'
import type { Connection } from './connection.ts'

type Migrations = Readonly<Record<string, Migration>>

const hasTable: Query<object, object> = {
  sql: `select 1 from sqlite_master where type = 'table' and name = 'kysely_migration'`,
  bind: () => [],
}
const appliedNames: Query<object, { readonly name: string }> = {
  sql: 'select name from kysely_migration order by name',
  bind: () => [],
}

const applied = (connection: Connection): readonly string[] =>
  connection.get(hasTable, {}) === undefined ? [] : connection.all(appliedNames, {}).map(({ name }) => name)

const newer = (names: readonly string[]): DatabaseError =>
  new DatabaseError(
    'database.schema-newer',
    `The database holds changes that this server does not know (${names.join(', ')}); start a newer one`,
  )

const failed = (cause: unknown): DatabaseError =>
  new DatabaseError('database.migration-failed', 'A migration failed; the database is as it was before', {
    cause,
  })

/** Names of migrations that are still to run. Throws `database.schema-newer`, and only reads. */
export const pendingMigrations = (connection: Connection, migrations: Migrations): readonly string[] => {
  const names = applied(connection)
  const unknown = names.filter((name) => !Object.hasOwn(migrations, name))
  if (unknown.length > 0) throw newer(unknown)
  return Object.keys(migrations).filter((name) => !names.includes(name))
}

/** Runs what is pending, all in one transaction. */
export const migrate = async (db: Kysely<Schema>, migrations: Migrations): Promise<void> => {
  const { Migrator } = await import('kysely/migration')
  try {
    await db.transaction().execute(async (transaction) => {
      const provider = { getMigrations: async () => ({ ...migrations }) }
      const { error } = await new Migrator({ db: transaction, provider }).migrateToLatest()
      if (error !== undefined) throw error
    })
  } catch (cause) {
    throw failed(cause)
  }
}
