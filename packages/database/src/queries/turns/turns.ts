import { type Kysely, sql } from 'kysely'
import type { Schema, TurnRow } from '../../schema.ts'
import type { Engine } from '../engine.ts'
import { columnsOf, query } from '../query.ts'
import { callQueries } from './calls.ts'
import { columns, type Hold, holdQueries, open } from './turn-holds.ts'

export type TurnEnd = Hold & Pick<TurnRow, 'state' | 'ended_at' | 'reply_id' | 'error_code' | 'error_message'>

export const turnQueries = (db: Kysely<Schema>, engine: Engine) => ({
  ...holdQueries(db, engine),
  find: query((p: { readonly id: string }) => db.selectFrom('turns').select(columns).where('id', '=', p.id)),
  findByKey: query((p: { readonly conversation_id: string; readonly idempotency_key: string }) =>
    db
      .selectFrom('turns')
      .select(columns)
      .where('conversation_id', '=', p.conversation_id)
      .where('idempotency_key', '=', p.idempotency_key),
  ),
  next: query((p: { readonly conversation_id: string; readonly id: string }) =>
    db
      .selectFrom('turns')
      .select(columns)
      .where('conversation_id', '=', p.conversation_id)
      .where(({ eb, selectFrom }) =>
        eb('seq', '>', selectFrom('turns as before').select('before.seq').where('before.id', '=', p.id)),
      )
      .orderBy('seq')
      .limit(sql.lit(1)),
  ),
  first: query((p: { readonly conversation_id: string }) =>
    db
      .selectFrom('turns')
      .select(columns)
      .where('conversation_id', '=', p.conversation_id)
      .orderBy('seq')
      .limit(sql.lit(1)),
  ),
  last: query((p: { readonly conversation_id: string }) =>
    db
      .selectFrom('turns')
      .select(columns)
      .where('conversation_id', '=', p.conversation_id)
      .orderBy('seq', 'desc')
      .limit(sql.lit(1)),
  ),
  firstOpen: query((p: { readonly conversation_id: string }) =>
    db
      .selectFrom('turns')
      .select(columns)
      .where('conversation_id', '=', p.conversation_id)
      .where('state', '=', open)
      .orderBy('seq')
      .limit(sql.lit(1)),
  ),
  end: query((p: TurnEnd) =>
    db
      .updateTable('turns')
      .set(columnsOf(p, ['state', 'ended_at', 'reply_id', 'error_code', 'error_message']))
      .where('id', '=', p.id)
      .where('fence', '=', p.fence)
      .where('state', '=', open),
  ),
  calls: callQueries(db),
})
export type TurnQueries = ReturnType<typeof turnQueries>
