import type { ClaimedJob } from '@covent/core'
import { type AnyQueue, type Engine, limitsOf } from './engine.ts'
import type { Held } from './held.ts'
import { runJob } from './run-job.ts'

/** Works on one queue in this process. */
export interface Worker {
  /** Looks for jobs now. */
  wake(): void
  /** Claims and runs jobs until the signal aborts; resolves when the last has ended. */
  work(signal: AbortSignal): Promise<void>
}

/** A sleep that ends early when somebody wakes it, also before it began. */
const nap = ({ clock }: Engine) => {
  let waking = new AbortController()
  return {
    wake: () => waking.abort(),
    async sleep(ms: number, signal: AbortSignal): Promise<void> {
      await clock.sleep(ms, AbortSignal.any([waking.signal, signal])).catch(() => {})
      if (waking.signal.aborted) waking = new AbortController()
    },
  }
}

export const queueWorker = (engine: Engine, held: Held, queue: AnyQueue): Worker => {
  const { stores, logger, owner, times } = engine
  const { concurrency, concurrencyPerPrincipal } = limitsOf(queue)
  const { wake, sleep } = nap(engine)
  const running = new Set<Promise<void>>()

  const run = (job: ClaimedJob): void => {
    const failed = (error: unknown): void =>
      logger.error('a job’s end could not be kept', { jobId: job.id, error })
    const ended = runJob(engine, held, { queue, job })
      .catch(failed)
      .finally(() => {
        running.delete(ended)
        wake()
      })
    running.add(ended)
  }
  const claim = (): Promise<readonly ClaimedJob[]> =>
    stores.jobs.claim(queue.name, {
      owner,
      limit: concurrency - running.size,
      leaseMs: times.leaseMs,
      concurrency,
      concurrencyPerPrincipal,
    })
  /** How long to wait until something may be due. */
  const round = async (): Promise<number> => {
    if (running.size >= concurrency) return times.pollMs
    const ms = await stores.jobs.untilDue(queue.name)
    if (ms === undefined || ms > 0) return Math.min(times.pollMs, ms ?? times.pollMs)
    const jobs = await claim()
    for (const job of jobs) run(job)
    return jobs.length > 0 ? 0 : times.pollMs
  }
  const look = async (): Promise<number> => {
    try {
      return await round()
    } catch (error) {
      logger.warn('a queue could not be looked at', { queue: queue.name, error })
      return times.pollMs
    }
  }
  return {
    wake,
    async work(signal) {
      while (!signal.aborted) {
        const ms = await look()
        if (ms > 0) await sleep(Math.max(1, ms), signal)
      }
      await Promise.all(running)
    },
  }
}
