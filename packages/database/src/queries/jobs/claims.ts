import { type Kysely, sql } from 'kysely'
import type { JobRow, Schema } from '../../schema.ts'
import type { Engine } from '../engine.ts'
import { query } from '../query.ts'

export const columns = [
  'seq',
  'id',
  'queue',
  'principal_id',
  'idempotency_key',
  'payload',
  'state',
  'priority',
  'created_at',
  'due_at',
  'attempt',
  'attempts',
  'timeout_ms',
  'owner',
  'fence',
  'is_cancelled',
  'started_at',
  'ended_at',
  'progress',
  'result',
  'history',
  'error_code',
  'error_message',
] as const

export type ReadJobRow = Pick<JobRow, Exclude<(typeof columns)[number], 'seq'>> & { readonly seq: number }

export interface JobLease {
  readonly owner: string
  readonly lease_ms: number
}
export interface OfQueue {
  readonly queue: string
}

export const waiting = sql.lit('waiting' as const)
export const running = sql.lit('running' as const)
export const failed = sql.lit('failed' as const)

/** How much waiting one step of priority weighs. A job is ranked once, by when it is due and how urgent it is, so that age tells by itself. */
export const STEP_MS = 10_000
/** The most that a due job of the lowest priority is ranked after now. */
const reachMs = sql.lit(100 * STEP_MS)

const runningQueries = (db: Kysely<Schema>, { nowMs }: Engine) => ({
  /** How many run for whom. */
  running: query((p: OfQueue) =>
    db
      .selectFrom('jobs')
      .select(({ fn }) => ['principal_id', fn.countAll<number>().as('count')])
      .where('queue', '=', p.queue)
      .where('state', '=', running)
      .groupBy('principal_id'),
  ),
  lapsed: query((p: OfQueue) =>
    db
      .selectFrom('jobs')
      .select(columns)
      .where('queue', '=', p.queue)
      .where('state', '=', running)
      .where('ended_at', 'is', null)
      .where('due_at', '<=', nowMs),
  ),
  renew: query((p: JobLease) =>
    db
      .updateTable('jobs')
      .set({ due_at: sql<number>`${nowMs} + ${p.lease_ms}` })
      .where('owner', '=', p.owner)
      .where('state', '=', running)
      .returning(['id', 'fence', 'is_cancelled']),
  ),
})

export const claimQueries = (db: Kysely<Schema>, engine: Engine) => ({
  ...runningQueries(db, engine),
  enlist: query((p: OfQueue) =>
    db
      .insertInto('job_queues')
      .values({ name: p.queue, fence: sql.lit(0) })
      .onConflict((conflict) => conflict.column('name').doNothing()),
  ),
  /** The number of a claim; claims of one queue come one after another by it. */
  number: query((p: OfQueue) =>
    db
      .updateTable('job_queues')
      .set(({ eb }) => ({ fence: eb('fence', '+', sql.lit(1)) }))
      .where('name', '=', p.queue)
      .returning('fence'),
  ),
  candidates: query((p: OfQueue & { readonly per_principal: number; readonly limit: number }) =>
    db
      .selectFrom('jobs')
      .select(['id', 'principal_id'])
      .where('queue', '=', p.queue)
      .where('state', '=', waiting)
      .where('rank', '<=', sql<number>`${engine.nowMs} + ${reachMs}`)
      .where('due_at', '<=', engine.nowMs)
      .where('principal_id', 'not in', ({ selectFrom }) =>
        selectFrom('jobs as busy')
          .select('busy.principal_id')
          .where('busy.queue', '=', p.queue)
          .where('busy.state', '=', running)
          .where('busy.principal_id', '!=', sql.lit(''))
          .groupBy('busy.principal_id')
          .having(({ fn }) => fn.countAll<number>(), '>=', p.per_principal),
      )
      .orderBy('rank')
      .orderBy('seq')
      .limit(p.limit),
  ),
  start: query((p: JobLease & { readonly id: string; readonly fence: number }) =>
    db
      .updateTable('jobs')
      .set(({ eb }) => ({
        state: running,
        owner: p.owner,
        fence: p.fence,
        attempt: eb('attempt', '+', sql.lit(1)),
        started_at: engine.nowMs,
        due_at: sql<number>`${engine.nowMs} + ${p.lease_ms}`,
      }))
      .where('id', '=', p.id)
      .where('state', '=', waiting)
      .returning(columns),
  ),
})
