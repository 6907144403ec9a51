import { type Kysely, sql } from 'kysely'
import type { SqlVector } from '../query.ts'
import type { MemoryRow, Schema } from '../schema.ts'
import { columnsOf, query } from './query.ts'

const read = ['id', 'principal_id', 'conversation_id', 'origin', 'text', 'tainted', 'created_at'] as const
const written = [...read, 'text_hash', 'embedder', 'vector'] as const

export type ReadMemoryRow = Pick<MemoryRow, (typeof read)[number]>
type Person = Pick<MemoryRow, 'principal_id'>
type Place = Pick<MemoryRow, 'principal_id' | 'conversation_id'>
export type Standing = Place & Pick<MemoryRow, 'origin' | 'text_hash'>
export interface Wanted extends Place {
  readonly embedder: string
  readonly vector: SqlVector
  readonly limit: number
}

/** Of one person, compared with each; a person has few. */
const nearest = (db: Kysely<Schema>, p: Omit<Wanted, 'conversation_id'>) =>
  db
    .selectFrom('memories')
    .select(read)
    .select(sql<number>`covent_dot(vector, ${p.vector})`.as('score'))
    .where('principal_id', '=', p.principal_id)
    .where('embedder', '=', p.embedder)
    .orderBy('score', 'desc')
    .orderBy('seq')
    .limit(p.limit)

const countQueries = (db: Kysely<Schema>) => ({
  /** Also lets others wait who add to the same person. */
  count: query((p: Person) =>
    db
      .insertInto('memory_people')
      .values({ principal_id: p.principal_id, memories: sql.lit(1) })
      .onConflict((conflict) =>
        conflict
          .column('principal_id')
          .doUpdateSet(({ eb }) => ({ memories: eb('memory_people.memories', '+', sql.lit(1)) })),
      )
      .returning('memories'),
  ),
  discount: query((p: Person & { readonly forgotten: number }) =>
    db
      .updateTable('memory_people')
      .set(({ eb }) => ({ memories: eb('memories', '-', p.forgotten) }))
      .where('principal_id', '=', p.principal_id),
  ),
  ofOrigin: query((p: Person & Pick<MemoryRow, 'origin'>) =>
    db
      .selectFrom('memories')
      .select(({ fn }) => fn.count<number>('id').as('memories'))
      .where('principal_id', '=', p.principal_id)
      .where('origin', '=', p.origin),
  ),
})

export const memoryQueries = (db: Kysely<Schema>) => ({
  ...countQueries(db),
  add: query((p: MemoryRow) => db.insertInto('memories').values(columnsOf(p, written))),
  standing: query((p: Standing) =>
    db
      .selectFrom('memories')
      .select(read)
      .where('principal_id', '=', p.principal_id)
      .where('conversation_id', '=', p.conversation_id)
      .where('origin', '=', p.origin)
      .where('text_hash', '=', p.text_hash),
  ),
  nearest: query((p: Omit<Wanted, 'conversation_id'>) => nearest(db, p)),
  nearestWithin: query((p: Wanted) => nearest(db, p).where('conversation_id', '=', p.conversation_id)),
  forget: query((p: Place) =>
    db
      .deleteFrom('memories')
      .where('principal_id', '=', p.principal_id)
      .where('conversation_id', '=', p.conversation_id),
  ),
  forgetPerson: query((p: Person) => db.deleteFrom('memories').where('principal_id', '=', p.principal_id)),
  foreign: query((p: Person & { readonly embedder: string; readonly limit: number }) =>
    db
      .selectFrom('memories')
      .select(read)
      .where('principal_id', '=', p.principal_id)
      .where('embedder', '!=', p.embedder)
      .limit(p.limit),
  ),
  embed: query((p: Pick<MemoryRow, 'id' | 'embedder' | 'vector'>) =>
    db
      .updateTable('memories')
      .set(columnsOf(p, ['embedder', 'vector']))
      .where('id', '=', p.id),
  ),
})
export type MemoryQueries = ReturnType<typeof memoryQueries>
