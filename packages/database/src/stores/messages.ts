import {
  DatabaseError,
  type Message,
  type MessageRole,
  type MessageStatus,
  type MessageStore,
} from '@covent/core'
import type { MessageQueries } from '../queries/messages.ts'
import type { MessageRow } from '../schema.ts'
import type { Session } from '../session.ts'
import { fromErrorColumns, toErrorColumns } from './columns/error-columns.ts'
import { cursorRefused, toPage } from './page.ts'

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

export const messageStore = (session: Session, queries: MessageQueries): MessageStore => {
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
