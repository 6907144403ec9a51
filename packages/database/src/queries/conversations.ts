import { type Kysely, sql } from 'kysely'
import type { ConversationRow, Schema } from '../schema.ts'
import { conversationRemovalQueries } from './conversation-removal.ts'
import { columnsOf, query } from './query.ts'

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
  removal: conversationRemovalQueries(db),
})
export type ConversationQueries = ReturnType<typeof conversationQueries>
