import { DatabaseError } from '@covent/core'
import { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrations } from '../migrations/migrations.ts'
import type { Connection } from './connection.ts'
import { sqliteDialect, sqliteFlavour } from './dialect.ts'

const failed = (cause: unknown): DatabaseError =>
  new DatabaseError('database.migration-failed', 'A migration failed; the database is as it was before', {
    cause,
  })

/** Runs what is pending, all in one transaction. Loads Kysely, so this module is imported only where something is. */
export const migrate = async ({ handle }: Connection): Promise<void> => {
  const db = new Kysely<unknown>({ dialect: sqliteDialect(() => handle) })
  const provider = { getMigrations: async () => ({ ...migrations(sqliteFlavour) }) }
  try {
    await db.transaction().execute(async (transaction) => {
      const { error } = await new Migrator({ db: transaction, provider }).migrateToLatest()
      if (error !== undefined) throw error
    })
  } catch (cause) {
    throw failed(cause)
  }
}
