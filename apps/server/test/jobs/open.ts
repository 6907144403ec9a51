import { join } from 'node:path'
import type { JobQueue, RunningJob } from '@covent/core'
import { sqliteDatabase } from '@covent/database'
import type { postgresDatabase } from '@covent/database/postgres'
import { temporaryFolder } from '@covent/testing'
import { jobQueue, type JobQueueOptions } from '@covent/jobs'
import type { OpenedJobs } from '@covent/jobs/testing'
import * as z from 'zod'

/** Short, so that tests need not wait. */
export const times = { pollMs: 20, leaseMs: 1_000, graceMs: 100 }

type Database = ReturnType<typeof sqliteDatabase> | ReturnType<typeof postgresDatabase>

export const jobsOn = (database: Database, options: Partial<JobQueueOptions> = {}) =>
  jobQueue({ stores: database.stores, unitOfWork: database.unitOfWork, ...times, ...options })

export const opened = async (database: Database): Promise<OpenedJobs> => {
  await database.start()
  const jobs = jobsOn(database)
  return {
    jobs,
    stores: database.stores,
    unitOfWork: database.unitOfWork,
    another: () => jobsOn(database),
    async close() {
      await jobs.stop()
      await database.stop()
    },
  }
}

export const openSqlite = (path = join(temporaryFolder(), 'covent.db')): Promise<OpenedJobs> =>
  opened(sqliteDatabase({ path }))

/** A queue of numbers. */
export const numbers = (
  handle: (n: number, job: RunningJob) => Promise<unknown>,
  options: Partial<JobQueue<{ n: number }>> = {},
): JobQueue<{ n: number }> => ({
  name: 'numbers',
  payload: z.object({ n: z.number() }),
  backoff: { firstMs: 1, mostMs: 5 },
  ...options,
  handle: ({ n }, job) => handle(n, job),
})
