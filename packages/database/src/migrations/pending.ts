import { DatabaseError } from '@covent/core'
import { migrationNames } from './names.ts'

const newer = (names: readonly string[]): DatabaseError =>
  new DatabaseError(
    'database.schema-newer',
    `The database holds changes that this server does not know (${names.join(', ')}); start a newer one`,
  )

/** Names of migrations that are still to run where these were applied. Throws `database.schema-newer`. */
export const pendingAfter = (applied: readonly string[]): readonly string[] => {
  const known: readonly string[] = migrationNames
  const unknown = applied.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw newer(unknown)
  return known.filter((name) => !applied.includes(name))
}
