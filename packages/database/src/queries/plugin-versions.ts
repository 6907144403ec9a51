import { type Kysely, sql } from 'kysely'
import type { PluginVersionRow, Schema } from '../schema.ts'
import { columnsOf, query } from './query.ts'

const columns = ['id', 'version', 'digest', 'key_id', 'role', 'kept_at'] as const

type Id = Pick<PluginVersionRow, 'id'>
type Version = Pick<PluginVersionRow, 'id' | 'version'>

export const pluginVersionQueries = (db: Kysely<Schema>) => ({
  list: query((p: Id) =>
    db
      .selectFrom('plugin_versions')
      .select(columns)
      .where('id', '=', p.id)
      .orderBy('kept_at', 'desc')
      .orderBy('version', 'desc'),
  ),
  pending: query(() =>
    db
      .selectFrom('plugin_versions')
      .select(columns)
      .where('role', '=', sql.lit('pending' as const))
      .orderBy('id'),
  ),
  put: query((p: PluginVersionRow) =>
    db
      .insertInto('plugin_versions')
      .values(columnsOf(p, columns))
      .onConflict((conflict) =>
        conflict
          .columns(['id', 'version'])
          .doUpdateSet(columnsOf(p, ['digest', 'key_id', 'role', 'kept_at'])),
      ),
  ),
  removeGrants: query((p: Version) =>
    db
      .deleteFrom('plugin_grants')
      .where('plugin', '=', p.id)
      .where('digest', 'in', (kept) =>
        kept
          .selectFrom('plugin_versions')
          .select('plugin_versions.digest')
          .where('plugin_versions.id', '=', p.id)
          .where('version', '=', p.version),
      )
      .where('digest', 'not in', (inForce) =>
        inForce.selectFrom('plugins').select('plugins.digest').where('plugins.id', '=', p.id),
      ),
  ),
  remove: query((p: Version) =>
    db.deleteFrom('plugin_versions').where('id', '=', p.id).where('version', '=', p.version),
  ),
  clear: query((p: Id) => db.deleteFrom('plugin_versions').where('id', '=', p.id)),
})
export type PluginVersionQueries = ReturnType<typeof pluginVersionQueries>
