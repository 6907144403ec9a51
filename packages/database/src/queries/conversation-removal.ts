import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'
import { query } from './query.ts'

export interface Some {
  readonly id: string
  /** At most so many rows. */
  readonly limit: number
}

const nobody = sql.lit('')

const rowQueries = (db: Kysely<Schema>) => ({
  calls: query((p: Some) =>
    db
      .deleteFrom('calls')
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('turns')
          .innerJoin('calls as own', 'own.turn_id', 'turns.id')
          .select('own.id')
          .where('turns.conversation_id', '=', p.id)
          .limit(p.limit),
      ),
  ),
  turns: query((p: Some) =>
    db
      .deleteFrom('turns')
      .where('seq', 'in', (eb) =>
        eb.selectFrom('turns').select('seq').where('conversation_id', '=', p.id).limit(p.limit),
      ),
  ),
  messages: query((p: Some) =>
    db
      .deleteFrom('messages')
      .where('seq', 'in', (eb) =>
        eb.selectFrom('messages').select('seq').where('conversation_id', '=', p.id).limit(p.limit),
      ),
  ),
  values: query((p: Some) =>
    db
      .deleteFrom('key_values')
      .where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('plugin', 'scope', 'owner', 'key'),
          'in',
          selectFrom('key_values')
            .select(['plugin', 'scope', 'owner', 'key'])
            .where('scope', '=', sql.lit('conversation'))
            .where('owner', '=', p.id)
            .limit(p.limit)
            .$asTuple('plugin', 'scope', 'owner', 'key'),
        ),
      )
      .returning(['plugin', 'size_bytes']),
  ),
})

const memoryQueries = (db: Kysely<Schema>) => ({
  memories: query((p: Some) =>
    db
      .deleteFrom('memories')
      .where('seq', 'in', (eb) =>
        eb.selectFrom('memories').select('seq').where('conversation_id', '=', p.id).limit(p.limit),
      )
      .returning('principal_id'),
  ),
  forgotten: query((p: { readonly principal_id: string; readonly memories: number }) =>
    db
      .updateTable('memory_people')
      .set(({ eb }) => ({ memories: eb('memories', '-', p.memories) }))
      .where('principal_id', '=', p.principal_id),
  ),
})

/** A conversation that is being deleted belongs to nobody: its principal's id is empty. */
export const conversationRemovalQueries = (db: Kysely<Schema>) => ({
  ...rowQueries(db),
  ...memoryQueries(db),
  detach: query((p: { readonly id: string; readonly principal_id: string }) =>
    db
      .updateTable('conversations')
      .set({ principal_id: nobody })
      .where('id', '=', p.id)
      .where('principal_id', '=', p.principal_id)
      .where('principal_id', '!=', nobody),
  ),
  detached: query(() => db.selectFrom('conversations').select('id').where('principal_id', '=', nobody)),
  discount: query((p: { readonly plugin: string; readonly bytes: number }) =>
    db
      .updateTable('key_value_usage')
      .set(({ eb }) => ({ bytes: eb('bytes', '-', p.bytes) }))
      .where('plugin', '=', p.plugin),
  ),
  conversation: query((p: { readonly id: string }) => db.deleteFrom('conversations').where('id', '=', p.id)),
})
export type ConversationRemovalQueries = ReturnType<typeof conversationRemovalQueries>
