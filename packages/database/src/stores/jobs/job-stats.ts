import { type JobState, jobStates, type QueueStats } from '@covent/core'

interface StateRow {
  readonly queue: string
  readonly state: string
  readonly count: number
  readonly oldest_due_at: number | null
  readonly mean_run_ms: number | null
  readonly max_run_ms: number | null
  readonly mean_wait_ms: number | null
}

const countsOf = (rows: readonly StateRow[]): Readonly<Record<JobState, number>> =>
  Object.fromEntries(
    jobStates.map((state) => [state, rows.find((row) => row.state === state)?.count ?? 0]),
  ) as Record<JobState, number>

const queueOf = (queue: string, rows: readonly StateRow[]): QueueStats => {
  const oldest = rows.find(({ state }) => state === 'waiting')?.oldest_due_at ?? undefined
  const done = rows.find(({ state }) => state === 'completed')
  return {
    queue,
    counts: countsOf(rows),
    ...(oldest !== undefined && { oldestDueAt: oldest }),
    ...(done !== undefined && {
      meanRunMs: done.mean_run_ms ?? 0,
      maxRunMs: done.max_run_ms ?? 0,
      meanWaitMs: done.mean_wait_ms ?? 0,
    }),
  }
}

/** One for each queue, of rows that stand for a queue and a state each. */
export const statsOf = (rows: readonly StateRow[]): readonly QueueStats[] =>
  [...Map.groupBy(rows, ({ queue }) => queue)].map(([queue, states]) => queueOf(queue, states))
