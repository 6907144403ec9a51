import type { ClaimedJob, JobClaim, NewJob, Stores } from '@covent/core'

export const newJob = (id: string, fields: Partial<NewJob> = {}): NewJob => ({
  id,
  queue: 'mail',
  payload: { to: id },
  priority: 0,
  attempts: 3,
  timeoutMs: 1000,
  due: { delayMs: 0 },
  ...fields,
})

/** Takes ten jobs of the queue `mail` as `w1`, unless told otherwise. */
export const claim = (stores: Stores, fields: Partial<JobClaim> = {}): Promise<readonly ClaimedJob[]> =>
  stores.jobs.claim('mail', {
    owner: 'w1',
    limit: 10,
    leaseMs: 60_000,
    concurrency: 100,
    concurrencyPerPrincipal: 100,
    ...fields,
  })

export const failure = { code: 'job.failed', message: 'No luck' } as const
export const completed = { kind: 'completed', durationMs: 5 } as const
