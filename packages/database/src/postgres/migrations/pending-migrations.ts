import { pendingAfter } from '../../migrations/pending.ts'
import type { Query } from '../../query.ts'
import type { Connection } from '../connection.ts'

const table: Query<object, { readonly oid: string | null }> = {
  sql: `select to_regclass('kysely_migration') oid`,
  names: [],
  name: 'migrations.table',
}
const appliedNames: Query<object, { readonly name: string }> = {
  sql: 'select name from kysely_migration order by name',
  names: [],
  name: 'migrations.applied',
}

/** Names of migrations that are still to run. Throws `database.schema-newer`, and only reads. */
export const pendingMigrations = async (connection: Connection): Promise<readonly string[]> => {
  const found = await connection.get(table, {})
  if (found === undefined || found.oid === null) return pendingAfter([])
  return pendingAfter((await connection.all(appliedNames, {})).map(({ name }) => name))
}
