import { type Kysely, sql } from 'kysely'
import type { Schema, TurnRow } from '../schema.ts'
import { callQueries } from './calls.ts'
import { columnsOf, query } from './query.ts'

const columns = [
  'id',
  'conversation_id',
  'principal_id',
  'character',
  'model',
  'message_id',
  'idempotency_key',
  'body_hash',
  'state',
  'created_at',
  'ended_at',
  'reply_id',
  'error_code',
  'error_message',
] as const

export type TurnEnd = Pick<TurnRow, 'id' | 'state' | 'ended_at' | 'reply_id' | 'error_code' | 'error_message'>

export const turnQueries = (db: Kysely<Schema>) => ({
  accept: query((p: TurnRow) => db.insertInto('turns').values(columnsOf(p, columns))),
  find: query((p: { readonly id: string }) => db.selectFrom('turns').select(columns).where('id', '=', p.id)),
  findByKey: query((p: { readonly conversation_id: string; readonly idempotency_key: string }) =>
    db
      .selectFrom('turns')
      .select(columns)
      .where('conversation_id', '=', p.conversation_id)
      .where('idempotency_key', '=', p.idempotency_key),
  ),
  unfinished: query(() =>
    db.selectFrom('turns').select(columns).where('state', '=', sql.lit('accepted')).orderBy('seq'),
  ),
  end: query((p: TurnEnd) =>
    db
      .updateTable('turns')
      .set(columnsOf(p, ['state', 'ended_at', 'reply_id', 'error_code', 'error_message']))
      .where('id', '=', p.id)
      .where('state', '=', sql.lit('accepted')),
  ),
  calls: callQueries(db),
})
export type TurnQueries = ReturnType<typeof turnQueries>
