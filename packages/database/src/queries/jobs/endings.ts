import { type Kysely, sql } from 'kysely'
import type { JobRow, Schema } from '../../schema.ts'
import type { Engine } from '../engine.ts'
import { query } from '../query.ts'
import { columns, failed, running, STEP_MS, waiting } from './claims.ts'

type Hold = Pick<JobRow, 'id' | 'fence'>
export interface EndRow
  extends Hold, Pick<JobRow, 'state' | 'result' | 'history' | 'error_code' | 'error_message'> {
  readonly pause_ms: number
  /** 1 for an attempt that does not count. */
  readonly uncounted: number
  /** 1 where it waits no more. */
  readonly is_ended: number
}
export interface Kept {
  readonly queue: string
  readonly state: string
}

const cancelled = sql.lit('cancelled' as const)

const redriveQueries = (db: Kysely<Schema>, { nowMs }: Engine) => {
  const anew = {
    state: waiting,
    attempt: sql.lit(0),
    is_cancelled: sql.lit(0),
    due_at: nowMs,
    rank: sql<number>`${nowMs} - priority * ${sql.lit(STEP_MS)}`,
    ended_at: sql.lit(null),
    error_code: sql.lit(null),
    error_message: sql.lit(null),
  }
  return {
    redrive: query((p: { readonly id: string }) =>
      db
        .updateTable('jobs')
        .set(anew)
        .where('id', '=', p.id)
        .where('state', 'in', [failed, cancelled])
        .returning('queue'),
    ),
    redriveFailed: query((p: { readonly queue: string }) =>
      db.updateTable('jobs').set(anew).where('queue', '=', p.queue).where('state', '=', failed),
    ),
  }
}

const pruneQueries = (db: Kysely<Schema>, { nowMs }: Engine) => {
  const ended = (p: Kept) =>
    db.selectFrom('jobs').where('queue', '=', p.queue).where('state', '=', p.state).orderBy('ended_at')
  const some = sql.lit(500)
  return {
    pruneOld: query((p: Kept & { readonly age_ms: number }) =>
      db.deleteFrom('jobs').where(
        'id',
        'in',
        ended(p)
          .select('id')
          .where('ended_at', '<=', sql<number>`${nowMs} - ${p.age_ms}`)
          .limit(some),
      ),
    ),
    /** Keeps the newest `count`. */
    pruneMany: query((p: Kept & { readonly count: number }) =>
      db.deleteFrom('jobs').where(
        'id',
        'in',
        ended(p)
          .select('id')
          .where('ended_at', '<=', ({ selectFrom }) =>
            selectFrom('jobs as newest')
              .select('newest.ended_at')
              .where('newest.queue', '=', p.queue)
              .where('newest.state', '=', p.state)
              .where('newest.ended_at', 'is not', null)
              .orderBy('newest.ended_at', 'desc')
              .limit(sql.lit(1))
              .offset(p.count),
          )
          .limit(some),
      ),
    ),
  }
}

const cancelQueries = (db: Kysely<Schema>, { nowMs }: Engine) => ({
  cancelWaiting: query((p: { readonly id: string }) =>
    db
      .updateTable('jobs')
      .set({
        state: cancelled,
        is_cancelled: sql.lit(1),
        ended_at: nowMs,
        error_code: sql.lit('job.cancelled'),
        error_message: sql.lit('Cancelled before it started'),
      })
      .where('id', '=', p.id)
      .where('state', '=', waiting)
      .returning(columns),
  ),
  cancelRunning: query((p: { readonly id: string }) =>
    db
      .updateTable('jobs')
      .set({ is_cancelled: sql.lit(1) })
      .where('id', '=', p.id)
      .where('state', '=', running)
      .returning(columns),
  ),
})

/** How jobs end, begin anew and go. */
export const endingQueries = (db: Kysely<Schema>, engine: Engine) => ({
  ...redriveQueries(db, engine),
  ...pruneQueries(db, engine),
  ...cancelQueries(db, engine),
  end: query((p: EndRow) =>
    db
      .updateTable('jobs')
      .set(({ eb }) => ({
        state: p.state,
        owner: sql.lit(''),
        attempt: eb('attempt', '-', p.uncounted),
        due_at: sql<number>`${engine.nowMs} + ${p.pause_ms}`,
        ended_at: sql<number | null>`case when cast(${p.is_ended} as bigint) = 1 then ${engine.nowMs} end`,
        result: p.result,
        history: p.history,
        error_code: p.error_code,
        error_message: p.error_message,
      }))
      .where('id', '=', p.id)
      .where('fence', '=', p.fence)
      .where('state', '=', running),
  ),
  history: query((p: Hold) =>
    db
      .selectFrom('jobs')
      .select(columns)
      .where('id', '=', p.id)
      .where('fence', '=', p.fence)
      .where('state', '=', running),
  ),
  progress: query((p: Hold & { readonly progress: string }) =>
    db
      .updateTable('jobs')
      .set({ progress: p.progress })
      .where('id', '=', p.id)
      .where('fence', '=', p.fence)
      .where('state', '=', running),
  ),
})
