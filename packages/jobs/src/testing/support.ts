import { deepStrictEqual, ok, rejects } from 'node:assert/strict'
import { AppError, type Job, type JobQueue, type Jobs, type RunningJob } from '@covent/core'
import * as z from 'zod'

export const equal: (actual: unknown, wanted: unknown) => void = deepStrictEqual

export const refused = (promise: Promise<unknown>, code: string): Promise<void> =>
  rejects(promise, (error) => {
    if (!AppError.is(error, code)) throw error
    return true
  })

export const eventually = async (check: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  const until = performance.now() + 20_000
  while (!(await check())) {
    ok(performance.now() < until, `in twenty seconds not seen: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

type Handler = (n: number, job: RunningJob) => Promise<unknown>

/** A queue of numbers. */
export const numbers = (
  handle: Handler,
  options: Partial<JobQueue<{ n: number }>> = {},
): JobQueue<{ n: number }> => ({
  name: 'numbers',
  payload: z.object({ n: z.number() }),
  backoff: { firstMs: 1, mostMs: 5 },
  ...options,
  handle: ({ n }, job) => handle(n, job),
})

/** The job, once it is in that state. */
export const reached = async (jobs: Jobs, id: string, state: Job['state']): Promise<Job> => {
  let job: Job | undefined
  await eventually(async () => (job = await jobs.find(id))?.state === state, `job ${state}`)
  return job!
}

/** Rejects when the signal aborts, as a handler does that heeds it. */
export const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
