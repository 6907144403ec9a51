import * as z from 'zod'

/** Settings under `jobs`. */
export const jobsConfig = z.strictObject({
  /** How often the database is looked at for jobs that another replica enqueued. */
  pollMs: z.int().min(10).max(60_000).default(1_000),
  /** After so long without a sign of life a process counts as dead, and its jobs are started anew. */
  leaseMs: z.int().min(1_000).max(600_000).default(30_000),
  /** How long a job may take to end once it was told to. */
  graceMs: z.int().min(0).max(60_000).default(5_000),
})
export type JobsConfig = z.output<typeof jobsConfig>
