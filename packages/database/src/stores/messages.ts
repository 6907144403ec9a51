import {
  DatabaseError,
  type Message,
  type MessageRole,
  type MessageStatus,
  type MessageStore,
} from '@covent/core'
import type { Kysely } from 'kysely'
import { columnsOf, query } from '../query.ts'
import type { MessageRow, Schema } from '../schema.ts'
import type { Session } from '../session.ts'
import { fromErrorColumns, toErrorColumns } from './error-columns.ts'
import { cursorRefused, toPage } from './page.ts'

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

const fromRow = (row: MessageRow): Message => {
  const message: Message = {
    id: row.id,
    conversationId: row.conversation_id,
    turnId: row.turn_id,
    role: row.role as MessageRole,
    text: row.text,
    createdAt: row.created_at,
    status: row.status as MessageStatus,
  }
  return row.error_code === null ? message : { ...message, ...fromErrorColumns(row) }
}

const toRow = (message: Message): MessageRow => ({
  id: message.id,
  conversation_id: message.conversationId,
  turn_id: message.turnId,
  role: message.role,
  text: message.text,
  created_at: message.createdAt,
  status: message.status,
  ...toErrorColumns(message.error),
})

const gone = (id: string): DatabaseError =>
  new DatabaseError('database.conflict', `Message ${id} is not there; its conversation may have been deleted`)

export const messageStore = (session: Session, queries: ReturnType<typeof messageQueries>): MessageStore => {
  const place = async (conversationId: string, cursor: string): Promise<number> => {
    const row = await session.get(queries.place, { id: cursor, conversation_id: conversationId })
    if (row === undefined) throw cursorRefused()
    return row.seq
  }
  return {
    async append(message) {
      await session.run(queries.append, toRow(message))
    },
    async setStatus(id, status, error) {
      if ((await session.run(queries.setStatus, { id, status, ...toErrorColumns(error) })) === 0)
        throw gone(id)
    },
    async find(id) {
      const row = await session.get(queries.find, { id })
      return row && fromRow(row)
    },
    async page(conversationId, { limit, cursor }) {
      const after = cursor === undefined ? 0 : await place(conversationId, cursor)
      const wanted = { conversation_id: conversationId, after, limit: limit + 1 }
      const rows = await session.all(queries.page, wanted)
      return toPage(rows, limit, { item: fromRow, cursor: (row) => row.id })
    },
    async recent(conversationId, limit, beforeTurnId) {
      const last = { conversation_id: conversationId, limit }
      const rows =
        beforeTurnId === undefined
          ? await session.all(queries.recent, last)
          : await session.all(queries.recentBefore, { ...last, turn_id: beforeTurnId })
      return rows.map(fromRow).toReversed()
    },
  }
}
