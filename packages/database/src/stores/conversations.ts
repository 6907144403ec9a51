import type { Conversation, ConversationStore } from '@covent/core'
import type { After, ConversationQueries } from '../queries/conversations.ts'
import type { ConversationRow } from '../schema.ts'
import type { Session } from '../session.ts'
import { conversationRemoval } from './conversation-removal.ts'
import type { OutboxAlong } from './outbox/outbox.ts'
import { cursorRefused, toPage } from './page.ts'

const fromRow = (row: ConversationRow): Conversation => ({
  id: row.id,
  principalId: row.principal_id,
  character: row.character,
  createdAt: row.created_at,
})

const toRow = (conversation: Conversation): ConversationRow => ({
  id: conversation.id,
  principal_id: conversation.principalId,
  character: conversation.character,
  created_at: conversation.createdAt,
})

const start: After = { created_at: Number.MIN_SAFE_INTEGER, id: '' }

const toCursor = (row: After): string => Buffer.from(`${row.created_at} ${row.id}`).toString('base64url')

const fromCursor = (cursor: string): After => {
  const [, createdAt, id] = /^(-?\d{1,15}) (.+)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (createdAt === undefined || id === undefined) throw cursorRefused()
  return { created_at: Number(createdAt), id }
}

export const conversationStore = (
  session: Session,
  queries: ConversationQueries,
  outbox: OutboxAlong,
): ConversationStore => ({
  async create(conversation) {
    await session.run(queries.create, toRow(conversation))
  },
  async find(id, principalId) {
    const row = await session.get(queries.find, { id, principal_id: principalId })
    return row && fromRow(row)
  },
  async list(principalId, { limit, cursor }) {
    const after = cursor === undefined ? start : fromCursor(cursor)
    const rows = await session.all(queries.list, { principal_id: principalId, limit: limit + 1, ...after })
    return toPage(rows, limit, { item: fromRow, cursor: toCursor })
  },
  remove: (id, principalId, event) =>
    outbox(event, (along) => conversationRemoval(session, queries.removal).remove(id, principalId, along)),
})
