import { type Kysely, sql } from 'kysely'
import type { Schema, TurnRow } from '../../schema.ts'
import type { Engine } from '../engine.ts'
import { columnsOf, query } from '../query.ts'

export const columns = [
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
  'owner',
  'fence',
] as const

/** What is read of a turn: all but its lease. */
export type TurnColumns = Pick<TurnRow, (typeof columns)[number]>
export type Hold = Pick<TurnRow, 'id' | 'fence'>
export interface Lease {
  readonly owner: string
  readonly lease_ms: number
}

export const open = sql.lit('accepted')

/** Lets turns go, and confirms that they are held. */
const releaseQueries = (db: Kysely<Schema>) => ({
  release: query((p: Hold) =>
    db
      .updateTable('turns')
      .set({ lease_until: sql.lit(0) })
      .where('id', '=', p.id)
      .where('fence', '=', p.fence)
      .where('state', '=', open),
  ),
  releaseAll: query(() =>
    db
      .updateTable('turns')
      .set({ lease_until: sql.lit(0) })
      .where('state', '=', open),
  ),
  /** Still so, and so until the transaction has ended. */
  confirm: query((p: Hold) =>
    db
      .updateTable('turns')
      .set({ fence: p.fence })
      .where('id', '=', p.id)
      .where('fence', '=', p.fence)
      .where('state', '=', open),
  ),
})

/** Who holds turns until when. */
export const holdQueries = (db: Kysely<Schema>, { nowMs, locked }: Engine) => {
  const ending = ({ lease_ms }: Pick<Lease, 'lease_ms'>) => sql<number>`${nowMs} + ${lease_ms}`
  return {
    ...releaseQueries(db),
    /** Before the insert, so that turns of one conversation come one after another. */
    conversation: query((p: { readonly id: string }) =>
      locked(db.selectFrom('conversations').select('seq').where('id', '=', p.id)),
    ),
    accept: query((p: TurnColumns & Lease) =>
      db.insertInto('turns').values({ ...columnsOf(p, columns), lease_until: ending(p) }),
    ),
    lapsed: query(() =>
      db
        .selectFrom('turns')
        .select(columns)
        .where('state', '=', open)
        .where('lease_until', '<=', nowMs)
        .orderBy('seq'),
    ),
    takeOver: query((p: Hold & Lease) =>
      db
        .updateTable('turns')
        .set(({ eb }) => ({ owner: p.owner, fence: eb('fence', '+', sql.lit(1)), lease_until: ending(p) }))
        .where('id', '=', p.id)
        .where('fence', '=', p.fence)
        .where('state', '=', open)
        .where('lease_until', '<=', nowMs)
        .returning(columns),
    ),
    renew: query((p: Lease) =>
      db
        .updateTable('turns')
        .set({ lease_until: ending(p) })
        .where('state', '=', open)
        .where('owner', '=', p.owner)
        .returning('id'),
    ),
  }
}
