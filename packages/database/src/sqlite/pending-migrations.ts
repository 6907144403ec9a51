import { pendingAfter } from '../migrations/pending.ts'
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

/** Names of migrations that are still to run. Throws `database.schema-newer`, and only reads. */
export const pendingMigrations = (connection: Connection): readonly string[] =>
  pendingAfter(applied(connection))
