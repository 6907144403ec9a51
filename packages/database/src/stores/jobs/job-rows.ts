import type { ClaimedJob, Job, JobAttempt, JobEnd, JobState, NewJob } from '@covent/core'
import type { ReadJobRow } from '../../queries/jobs/claims.ts'
import type { EndRow } from '../../queries/jobs/endings.ts'
import type { NewJobRow } from '../../queries/jobs/jobs.ts'
import { fromErrorColumns, toErrorColumns } from '../columns/error-columns.ts'
import { fromJson, toJson, toOptionalJson } from '../columns/json.ts'

const historyOf = ({ history }: Pick<ReadJobRow, 'history'>): readonly JobAttempt[] =>
  fromJson(history) as JobAttempt[]

export const jobOf = (row: ReadJobRow): Job => ({
  id: row.id,
  queue: row.queue,
  payload: fromJson(row.payload),
  state: row.state as JobState,
  priority: row.priority,
  createdAt: row.created_at,
  dueAt: row.due_at,
  attempt: row.attempt,
  attempts: row.attempts,
  timeoutMs: row.timeout_ms,
  history: historyOf(row),
  ...(row.principal_id !== '' && { principalId: row.principal_id }),
  ...(row.idempotency_key !== null && { idempotencyKey: row.idempotency_key }),
  ...(row.started_at !== null && { startedAt: row.started_at }),
  ...(row.ended_at !== null && { endedAt: row.ended_at }),
  ...(row.progress !== null && { progress: fromJson(row.progress) }),
  ...(row.result !== null && { result: fromJson(row.result) }),
  ...fromErrorColumns(row),
})

export const claimedOf = (row: ReadJobRow): ClaimedJob => ({ ...jobOf(row), fence: row.fence })

export const toNewRow = (job: NewJob): NewJobRow => ({
  id: job.id,
  queue: job.queue,
  principal_id: job.principalId ?? '',
  idempotency_key: job.idempotencyKey ?? null,
  payload: toJson(job.payload),
  priority: job.priority,
  attempts: job.attempts,
  timeout_ms: job.timeoutMs,
  due_at: 'at' in job.due ? job.due.at : 0,
  delay_ms: 'at' in job.due ? 0 : job.due.delayMs,
})

const stateAfter = {
  completed: 'completed',
  retry: 'waiting',
  failed: 'failed',
  cancelled: 'cancelled',
  released: 'waiting',
} as const

type Outcome = JobAttempt['outcome']

/** What is kept of a running job's end, where `lost` tells of an owner that could not tell it itself. */
export const toEndRow = (row: ReadJobRow, end: JobEnd, outcome?: Outcome): EndRow => {
  const error = 'error' in end ? end.error : undefined
  const attempt: JobAttempt = {
    attempt: row.attempt,
    owner: row.owner,
    startedAt: row.started_at ?? 0,
    durationMs: end.durationMs,
    outcome: outcome ?? (end.kind === 'retry' ? 'failed' : end.kind),
    ...(error && { error }),
  }
  return {
    id: row.id,
    fence: row.fence,
    state: stateAfter[end.kind],
    pause_ms: end.kind === 'retry' ? end.pauseMs : 0,
    uncounted: end.kind === 'released' ? 1 : 0,
    is_ended: stateAfter[end.kind] === 'waiting' ? 0 : 1,
    result: end.kind === 'completed' ? toOptionalJson(end.result) : null,
    // The last hundred, as a job that is put back again and again has no end of them.
    history: toJson([...historyOf(row).slice(-99), attempt]),
    ...toErrorColumns(error),
  }
}
