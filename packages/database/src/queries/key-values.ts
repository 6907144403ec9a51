import { type Kysely, sql } from 'kysely'
import { columnsOf, query } from './query.ts'
import type { KeyValueRow, OperationRow, Schema, UsageRow } from '../schema.ts'

export type Place = Pick<KeyValueRow, 'plugin' | 'scope' | 'owner' | 'key'>
export type Live = Place & { readonly now: number }
export interface Until {
  readonly plugin: string
  readonly now: number
}

const valueColumns = ['plugin', 'scope', 'owner', 'key', 'value', 'size_bytes', 'expires_at'] as const
const operationColumns = ['plugin', 'operation_id', 'changed', 'done_at'] as const

const ofOwner = (db: Kysely<Schema>, p: Place) =>
  db
    .selectFrom('key_values')
    .where('plugin', '=', p.plugin)
    .where('scope', '=', p.scope)
    .where('owner', '=', p.owner)

const at = (db: Kysely<Schema>, p: Place) => ofOwner(db, p).where('key', '=', p.key)

const valueQueries = (db: Kysely<Schema>) => ({
  get: query((p: Live) =>
    at(db, p)
      .select('value')
      .where(({ eb, or }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', p.now)])),
  ),
  size: query((p: Place) => at(db, p).select('size_bytes')),
  list: query((p: Live & { readonly limit: number }) =>
    ofOwner(db, p)
      .select(['key', 'value'])
      .where('key', '>=', p.key)
      .where(({ eb, or }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', p.now)]))
      .orderBy('key')
      .limit(p.limit),
  ),
  put: query((p: KeyValueRow) =>
    db
      .insertInto('key_values')
      .values(columnsOf(p, valueColumns))
      .onConflict((conflict) =>
        conflict
          .columns(['plugin', 'scope', 'owner', 'key'])
          .doUpdateSet(columnsOf(p, ['value', 'size_bytes', 'expires_at'])),
      ),
  ),
  remove: query((p: Place) =>
    db
      .deleteFrom('key_values')
      .where('plugin', '=', p.plugin)
      .where('scope', '=', p.scope)
      .where('owner', '=', p.owner)
      .where('key', '=', p.key),
  ),
})

const usageQueries = (db: Kysely<Schema>) => ({
  usage: query((p: { readonly plugin: string }) =>
    db.selectFrom('key_value_usage').select('bytes').where('plugin', '=', p.plugin),
  ),
  setUsage: query((p: UsageRow) =>
    db
      .insertInto('key_value_usage')
      .values(columnsOf(p, ['plugin', 'bytes']))
      .onConflict((conflict) => conflict.column('plugin').doUpdateSet({ bytes: p.bytes })),
  ),
  expiredBytes: query((p: Until) =>
    db
      .selectFrom('key_values')
      .select(({ fn }) => fn.sum<number | null>('size_bytes').as('bytes'))
      .where('plugin', '=', p.plugin)
      .where('expires_at', '<=', p.now),
  ),
  removeExpired: query((p: Until) =>
    db.deleteFrom('key_values').where('plugin', '=', p.plugin).where('expires_at', '<=', p.now),
  ),
})

const operationQueries = (db: Kysely<Schema>) => ({
  operation: query((p: Pick<OperationRow, 'plugin' | 'operation_id'>) =>
    db
      .selectFrom('key_value_operations')
      .select('changed')
      .where('plugin', '=', p.plugin)
      .where('operation_id', '=', p.operation_id),
  ),
  record: query((p: OperationRow) =>
    db.insertInto('key_value_operations').values(columnsOf(p, operationColumns)),
  ),
  /** A write belongs to a turn that was accepted before it, so what is older than all open turns belongs to none. */
  forget: query((p: { readonly before: number }) =>
    db
      .deleteFrom('key_value_operations')
      .where('done_at', '<', p.before)
      .where('done_at', '<', ({ fn, selectFrom }) =>
        fn.coalesce(
          selectFrom('turns')
            .select(({ fn }) => fn.min<number>('created_at').as('oldest'))
            .where('state', '=', sql.lit('accepted')),
          sql<number>`${p.before}`,
        ),
      ),
  ),
})

export const keyValueQueries = (db: Kysely<Schema>) => ({
  ...valueQueries(db),
  ...usageQueries(db),
  ...operationQueries(db),
})
export type KeyValueQueries = ReturnType<typeof keyValueQueries>
