import { type ClaimedJob, JobError } from '@covent/core'
import type { Engine } from './engine.ts'

export interface HeldJob {
  readonly job: ClaimedJob
  abort(reason: JobError): void
}

/** The jobs that this process runs, whose leases it prolongs. */
export interface Held {
  add(held: HeldJob): Disposable
  all(): readonly HeldJob[]
  cancel(id: string): void
  /** Prolongs leases until the signal aborts. */
  keep(signal: AbortSignal): Promise<void>
}

const keyOf = ({ id, fence }: { readonly id: string; readonly fence: number }): string => `${id} ${fence}`

const lost = (): JobError =>
  new JobError('job.lost', 'Its lease has ended; another process may run it by now')
const cancelled = (): JobError => new JobError('job.cancelled', 'Cancelled while it ran')

export const heldJobs = (engine: Engine): Held => {
  const { stores, clock, logger, owner, times } = engine
  const jobs = new Map<string, HeldJob>()
  let renewedAt = clock.monotonic()

  const renew = async (): Promise<void> => {
    // Those that are started meanwhile may be missing in the answer.
    const before = [...jobs.values()]
    const askedAt = clock.monotonic()
    const ours = new Map((await stores.jobs.renew(owner, times.leaseMs)).map((one) => [keyOf(one), one]))
    renewedAt = askedAt
    for (const held of before) {
      const one = ours.get(keyOf(held.job))
      if (one === undefined) held.abort(lost())
      else if (one.isCancelled) held.abort(cancelled())
    }
  }
  const beat = async (): Promise<void> => {
    if (jobs.size === 0) {
      renewedAt = clock.monotonic()
      return
    }
    try {
      await renew()
    } catch (error) {
      logger.warn('leases of jobs could not be prolonged', { error })
      if (clock.monotonic() - renewedAt > times.leaseMs) for (const held of jobs.values()) held.abort(lost())
    }
  }
  return {
    add(held) {
      const key = keyOf(held.job)
      jobs.set(key, held)
      return { [Symbol.dispose]: () => void jobs.delete(key) }
    },
    all: () => [...jobs.values()],
    cancel(id) {
      for (const held of jobs.values()) if (held.job.id === id) held.abort(cancelled())
    },
    async keep(signal) {
      while (!signal.aborted) {
        await clock.sleep(times.leaseMs / 4, signal).catch(() => {})
        if (!signal.aborted) await beat()
      }
    },
  }
}
