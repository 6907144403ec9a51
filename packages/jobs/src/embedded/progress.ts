import type { ClaimedJob } from '@covent/core'
import type { Engine } from './engine.ts'

const everyMs = 500

/** Tells of each step at once, and keeps the last of them in the store now and then. */
export const progressOf = ({ stores, clock, events, logger }: Engine, job: ClaimedJob) => {
  let latest: { readonly value: unknown } | undefined
  let keptAt = Number.NEGATIVE_INFINITY
  let keeping = Promise.resolve()

  const keep = async (): Promise<void> => {
    const next = latest
    latest = undefined
    if (next === undefined) return
    keptAt = clock.monotonic()
    try {
      await stores.jobs.progress(job, next.value)
    } catch (error) {
      logger.warn('the progress of a job could not be kept', { jobId: job.id, error })
    }
  }
  const flush = (): Promise<void> => (keeping = keeping.then(keep))
  return {
    flush,
    tell(value: unknown): void {
      latest = { value }
      events.emit('job.progressed', { jobId: job.id, queue: job.queue, progress: value })
      if (clock.monotonic() - keptAt >= everyMs) void flush()
    },
  }
}
