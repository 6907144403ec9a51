import { type Kysely, sql } from 'kysely'
import type { Schema, SealedSecretsRow } from '../schema.ts'
import { query } from './query.ts'

type Content = Omit<SealedSecretsRow, 'id'>
export interface Replacement extends Content {
  readonly before: number
}

/** The number of the one row. */
const row = sql.lit(1)

export const secretQueries = (db: Kysely<Schema>) => ({
  read: query(() => db.selectFrom('sealed_secrets').select(['generation', 'text']).where('id', '=', row)),
  first: query((p: Content) =>
    db
      .insertInto('sealed_secrets')
      .values({ id: row, generation: p.generation, text: p.text })
      .onConflict((conflict) => conflict.column('id').doNothing()),
  ),
  replace: query((p: Replacement) =>
    db
      .updateTable('sealed_secrets')
      .set({ generation: p.generation, text: p.text })
      .where('id', '=', row)
      .where('generation', '=', p.before),
  ),
})
export type SecretQueries = ReturnType<typeof secretQueries>
