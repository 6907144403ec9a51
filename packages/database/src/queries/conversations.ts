import { type Kysely, sql } from 'kysely'
import type { ConversationRow, Schema } from '../schema.ts'
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
export type ConversationQueries = ReturnType<typeof conversationQueries>
