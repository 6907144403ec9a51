import { DatabaseError } from '@covent/core'
import { migrationNames } from '../migrations/names.ts'
import type { Query } from '../query.ts'
import type { Connection } from './connection.ts'

const hasTable: Query<object, object> = {
  sql: `select 1 from sqlite_master where type = 'table' and name = 'kysely_migration'`,
  names: [],
}
const appliedNames: Query<object, { readonly name: string }> = {
  sql: 'select name from kysely_migration order by name',
  names: [],
}

const applied = (connection: Connection): readonly string[] =>
  connection.get(hasTable, {}) === undefined ? [] : connection.all(appliedNames, {}).map(({ name }) => name)

const newer = (names: readonly string[]): DatabaseError =>
  new DatabaseError(
    'database.schema-newer',
    `The database holds changes that this server does not know (${names.join(', ')}); start a newer one`,
  )

/** Names of migrations that are still to run. Throws `database.schema-newer`, and only reads. */
export const pendingMigrations = (connection: Connection): readonly string[] => {
  const names = applied(connection)
  const known: readonly string[] = migrationNames
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw newer(unknown)
  return known.filter((name) => !names.includes(name))
}
