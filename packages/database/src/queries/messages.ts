import type { Kysely } from 'kysely'
import type { MessageRow, Schema } from '../schema.ts'
import { columnsOf, query } from './query.ts'

const columns = [
  'id',
  'conversation_id',
  'turn_id',
  'role',
  'text',
  'created_at',
  'status',
  'error_code',
  'error_message',
] as const

const qualified = columns.map((column) => `messages.${column}` as const)

export type StatusRow = Pick<MessageRow, 'id' | 'status' | 'error_code' | 'error_message'>

export interface Last {
  readonly conversation_id: string
  readonly limit: number
}

/** Turn by turn backwards through the index of turns, so that the cost is that of the rows returned. */
const byTurn = (db: Kysely<Schema>, p: Last) =>
  db
    .selectFrom('turns')
    .innerJoin('messages', 'messages.turn_id', 'turns.id')
    .select(qualified)
    .where('turns.conversation_id', '=', p.conversation_id)
    .orderBy('turns.seq', 'desc')
    .orderBy('messages.seq', 'desc')
    .limit(p.limit)

export const messageQueries = (db: Kysely<Schema>) => ({
  append: query((p: MessageRow) => db.insertInto('messages').values(columnsOf(p, columns))),
  setStatus: query((p: StatusRow) =>
    db
      .updateTable('messages')
      .set(columnsOf(p, ['status', 'error_code', 'error_message']))
      .where('id', '=', p.id),
  ),
  find: query((p: { readonly id: string }) =>
    db.selectFrom('messages').select(columns).where('id', '=', p.id),
  ),
  place: query((p: { readonly id: string; readonly conversation_id: string }) =>
    db
      .selectFrom('messages')
      .select('seq')
      .where('id', '=', p.id)
      .where('conversation_id', '=', p.conversation_id),
  ),
  page: query((p: Last & { readonly after: number }) =>
    db
      .selectFrom('messages')
      .select(columns)
      .where('conversation_id', '=', p.conversation_id)
      .where('seq', '>', p.after)
      .orderBy('seq')
      .limit(p.limit),
  ),
  recent: query((p: Last) => byTurn(db, p)),
  recentBefore: query((p: Last & { readonly turn_id: string }) =>
    byTurn(db, p).where('turns.seq', '<', (eb) =>
      eb
        .selectFrom('turns as own')
        .select('own.seq')
        .where('own.id', '=', p.turn_id)
        .where('own.conversation_id', '=', p.conversation_id),
    ),
  ),
})
export type MessageQueries = ReturnType<typeof messageQueries>
