import { type Kysely, sql } from 'kysely'
import type { JobRow, Schema } from '../../schema.ts'
import type { Engine } from '../engine.ts'
import { query } from '../query.ts'
import { claimQueries, columns, STEP_MS, waiting } from './claims.ts'
import { endingQueries } from './endings.ts'

type Given = Pick<
  JobRow,
  'id' | 'queue' | 'principal_id' | 'idempotency_key' | 'payload' | 'priority' | 'attempts' | 'timeout_ms'
>
export interface NewJobRow extends Given {
  /** The time itself, or 0 for now, */
  readonly due_at: number
  /** and how long after it. */
  readonly delay_ms: number
}
export interface Listed {
  readonly queue: string
  readonly state: string
  readonly principal_id: string
  readonly after: number
  readonly limit: number
}

const enqueueQueries = (db: Kysely<Schema>, { nowMs }: Engine) => ({
  enqueue: query((p: NewJobRow) => {
    const due = sql<number>`(coalesce(nullif(cast(${p.due_at} as bigint), 0), ${nowMs}) + cast(${p.delay_ms} as bigint))`
    return (
      db
        .insertInto('jobs')
        .values({
          id: p.id,
          queue: p.queue,
          principal_id: p.principal_id,
          idempotency_key: p.idempotency_key,
          payload: p.payload,
          priority: p.priority,
          attempts: p.attempts,
          timeout_ms: p.timeout_ms,
          state: waiting,
          rank: sql<number>`${due} - cast(${p.priority} as bigint) * ${sql.lit(STEP_MS)}`,
          created_at: nowMs,
          due_at: due,
          attempt: sql.lit(0),
          owner: sql.lit(''),
          fence: sql.lit(0),
          is_cancelled: sql.lit(0),
          history: sql.lit('[]'),
        })
        // Changes nothing, and tells which one is there.
        .onConflict((conflict) =>
          conflict
            .columns(['queue', 'idempotency_key'])
            .doUpdateSet(({ ref }) => ({ queue: ref('excluded.queue') })),
        )
        .returning('id')
    )
  }),
})

const scheduleQueries = (db: Kysely<Schema>, { nowMs }: Engine) => ({
  /** The clock of the store. */
  now: query(() => db.selectNoFrom(nowMs.as('now'))),
  sighted: query((p: { readonly name: string }) =>
    db
      .insertInto('job_schedules')
      .values({ name: p.name, tick_at: nowMs })
      .onConflict((conflict) => conflict.column('name').doNothing()),
  ),
  lastTick: query((p: { readonly name: string }) =>
    db.selectFrom('job_schedules').select('tick_at').where('name', '=', p.name),
  ),
  tick: query((p: { readonly name: string; readonly at: number }) =>
    db
      .updateTable('job_schedules')
      .set({ tick_at: p.at })
      .where('name', '=', p.name)
      .where('tick_at', '<', p.at),
  ),
})

const completed = sql`state = 'completed'`
const whole = (value: ReturnType<typeof sql>) => sql<number | null>`cast(${value} as bigint)`

export const jobQueries = (db: Kysely<Schema>, engine: Engine) => ({
  ...enqueueQueries(db, engine),
  ...claimQueries(db, engine),
  ...endingQueries(db, engine),
  ...scheduleQueries(db, engine),
  find: query((p: { readonly id: string }) => db.selectFrom('jobs').select(columns).where('id', '=', p.id)),
  untilDue: query((p: { readonly queue: string }) =>
    db
      .selectFrom('jobs')
      .select(sql<number>`due_at - ${engine.nowMs}`.as('ms'))
      .where('queue', '=', p.queue)
      .where('ended_at', 'is', null)
      .orderBy('due_at')
      .limit(sql.lit(1)),
  ),
  /** An empty text lets all pass. */
  list: query((p: Listed) =>
    db
      .selectFrom('jobs')
      .select(columns)
      .where('seq', '>', p.after)
      .where(({ or, eb }) => or([eb('queue', '=', p.queue), eb(sql.lit(''), '=', p.queue)]))
      .where(({ or, eb }) => or([eb('state', '=', p.state), eb(sql.lit(''), '=', p.state)]))
      .where(({ or, eb }) =>
        or([eb('principal_id', '=', p.principal_id), eb(sql.lit(''), '=', p.principal_id)]),
      )
      .orderBy('seq')
      .limit(p.limit),
  ),
  stats: query(() =>
    db
      .selectFrom('jobs')
      .select(({ fn }) => [
        'queue',
        'state',
        fn.countAll<number>().as('count'),
        fn.min<number | null>('due_at').as('oldest_due_at'),
        whole(sql`avg(case when ${completed} then ended_at - started_at end)`).as('mean_run_ms'),
        whole(sql`max(case when ${completed} then ended_at - started_at end)`).as('max_run_ms'),
        whole(sql`avg(case when ${completed} then started_at - created_at end)`).as('mean_wait_ms'),
      ])
      .groupBy(['queue', 'state'])
      .orderBy('queue')
      .orderBy('state'),
  ),
})
export type JobQueries = ReturnType<typeof jobQueries>
