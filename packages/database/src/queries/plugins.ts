import type { Kysely } from 'kysely'
import type { PluginGrantRow, PluginRow, Schema } from '../schema.ts'
import { columnsOf, query } from './query.ts'

const columns = ['id', 'version', 'digest', 'key_id', 'enabled', 'installed_at'] as const
const grantColumns = ['plugin', 'digest', 'permission', 'granted', 'decided_at'] as const

type Id = Pick<PluginRow, 'id'>

export const pluginQueries = (db: Kysely<Schema>) => ({
  list: query(() => db.selectFrom('plugins').select(columns).orderBy('id')),
  find: query((p: Id) => db.selectFrom('plugins').select(columns).where('id', '=', p.id)),
  put: query((p: PluginRow) =>
    db
      .insertInto('plugins')
      .values(columnsOf(p, columns))
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet(columnsOf(p, ['version', 'digest', 'key_id', 'enabled', 'installed_at'])),
      ),
  ),
  remove: query((p: Id) => db.deleteFrom('plugins').where('id', '=', p.id)),
  grants: query((p: Pick<PluginGrantRow, 'plugin' | 'digest'>) =>
    db
      .selectFrom('plugin_grants')
      .select(grantColumns)
      .where('plugin', '=', p.plugin)
      .where('digest', '=', p.digest)
      .orderBy('permission'),
  ),
  decide: query((p: PluginGrantRow) =>
    db
      .insertInto('plugin_grants')
      .values(columnsOf(p, grantColumns))
      .onConflict((conflict) =>
        conflict
          .columns(['plugin', 'digest', 'permission'])
          .doUpdateSet(columnsOf(p, ['granted', 'decided_at'])),
      ),
  ),
  removeGrants: query((p: Id) => db.deleteFrom('plugin_grants').where('plugin', '=', p.id)),
})
export type PluginQueries = ReturnType<typeof pluginQueries>
