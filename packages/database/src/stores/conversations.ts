import type { Conversation, ConversationStore } from '@covent/core'
import { type Kysely, sql } from 'kysely'
import { columnsOf, query } from '../query.ts'
import type { ConversationRow, Schema } from '../schema.ts'
import type { Session } from '../session.ts'
import { cursorRefused, toPage } from './page.ts'

const columns = ['id', 'principal_id', 'character', 'created_at'] as const

export interface After {
  readonly created_at: number
  readonly id: string
}

export interface Owned {
  readonly id: string
  readonly principal_id: string
}

export const conversationQueries = (db: Kysely<Schema>) => ({
  create: query((p: ConversationRow) => db.insertInto('conversations').values(columnsOf(p, columns))),
  find: query((p: Owned) =>
    db
      .selectFrom('conversations')
      .select(columns)
      .where('id', '=', p.id)
      .where('principal_id', '=', p.principal_id),
  ),
  list: query((p: After & { readonly principal_id: string; readonly limit: number }) =>
    db
      .selectFrom('conversations')
      .select(columns)
      .where('principal_id', '=', p.principal_id)
      .where(sql<boolean>`(created_at, id) > (${p.created_at}, ${p.id})`)
      .orderBy('created_at')
      .orderBy('id')
      .limit(p.limit),
  ),
  remove: query((p: Owned) =>
    db.deleteFrom('conversations').where('id', '=', p.id).where('principal_id', '=', p.principal_id),
  ),
  countValues: query((p: { readonly id: string }) =>
    db
      .updateTable('key_value_usage')
      .set(({ eb, selectFrom }) => ({
        bytes: eb(
          'bytes',
          '-',
          selectFrom('key_values')
            .select(({ fn }) => fn.sum<number>('size_bytes').as('bytes'))
            .where('scope', '=', sql.lit('conversation'))
            .where('owner', '=', p.id)
            .whereRef('key_values.plugin', '=', 'key_value_usage.plugin'),
        ),
      }))
      .where('plugin', 'in', (eb) =>
        eb
          .selectFrom('key_values')
          .select('plugin')
          .where('scope', '=', sql.lit('conversation'))
          .where('owner', '=', p.id),
      ),
  ),
  removeValues: query((p: { readonly id: string }) =>
    db.deleteFrom('key_values').where('scope', '=', sql.lit('conversation')).where('owner', '=', p.id),
  ),
})

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
  queries: ReturnType<typeof conversationQueries>,
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
  remove: (id, principalId) =>
    session.atomically(async (unit) => {
      if ((await unit.run(queries.remove, { id, principal_id: principalId })) === 0) return false
      await unit.run(queries.countValues, { id })
      await unit.run(queries.removeValues, { id })
      return true
    }),
})
