import { type Kysely, sql } from 'kysely'
import type { Schema, SecondFactorRow } from '../../schema.ts'
import { columnsOf, query } from '../query.ts'

const columns = ['device_id', 'sealed', 'confirmed_at', 'last_step', 'tries', 'next_try_at'] as const

export interface OfDevice {
  readonly device_id: string
}
export interface CountedTry extends OfDevice {
  readonly tries: number
  readonly counted: number
  readonly next_try_at: number
}
export interface TakenCode extends OfDevice {
  readonly step: number
  readonly at: number
  readonly sealed: string
}

export const secondFactorQueries = (db: Kysely<Schema>) => ({
  find: query((p: OfDevice) =>
    db.selectFrom('second_factors').select(columns).where('device_id', '=', p.device_id),
  ),
  remove: query((p: OfDevice) => db.deleteFrom('second_factors').where('device_id', '=', p.device_id)),
  put: query((p: SecondFactorRow) => db.insertInto('second_factors').values(columnsOf(p, columns))),
  count: query((p: CountedTry) =>
    db
      .updateTable('second_factors')
      .set({ tries: p.counted, next_try_at: p.next_try_at })
      .where('device_id', '=', p.device_id)
      .where('tries', '=', p.tries),
  ),
  take: query((p: TakenCode) =>
    db
      .updateTable('second_factors')
      .set(({ fn, ref }) => ({
        last_step: p.step,
        sealed: p.sealed,
        confirmed_at: fn.coalesce(ref('confirmed_at'), sql<number>`${p.at}`),
        tries: sql.lit(0),
        next_try_at: sql.lit(0),
      }))
      .where('device_id', '=', p.device_id)
      .where('last_step', '<', p.step),
  ),
})
export type SecondFactorQueries = ReturnType<typeof secondFactorQueries>
