import type { Clock, EventBus, JobKeep, JobQueue, Logger, Metrics, Stores, UnitOfWork } from '@covent/core'

/** What the parts of the embedded driver share. */
export interface Engine {
  readonly stores: Pick<Stores, 'jobs'>
  readonly unitOfWork: UnitOfWork
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly events: Pick<EventBus, 'emit'>
  /** This process, among all that ever work on the queue. */
  readonly owner: string
  readonly times: EngineTimes
}

export interface EngineTimes {
  /** How often the store is looked at where nobody tells of new jobs. */
  readonly pollMs: number
  /** After so long without a sign of life a process counts as dead. */
  readonly leaseMs: number
  /** How long a handler has, once its signal was aborted. */
  readonly graceMs: number
}

export type AnyQueue = JobQueue<never>

export interface QueueLimits {
  readonly concurrency: number
  readonly concurrencyPerPrincipal: number
  readonly attempts: number
  readonly timeoutMs: number
  readonly backoff: { readonly firstMs: number; readonly mostMs: number }
  readonly keep: { readonly ended: JobKeep; readonly failed: JobKeep }
}

const dayMs = 86_400_000

export const limitsOf = (queue: AnyQueue): QueueLimits => ({
  concurrency: queue.concurrency ?? 4,
  concurrencyPerPrincipal: queue.concurrencyPerPrincipal ?? queue.concurrency ?? 4,
  attempts: queue.attempts ?? 5,
  timeoutMs: queue.timeoutMs ?? 60_000,
  backoff: queue.backoff ?? { firstMs: 1_000, mostMs: 600_000 },
  keep: {
    ended: queue.keep?.ended ?? { ageMs: dayMs, count: 1_000 },
    failed: queue.keep?.failed ?? { ageMs: 30 * dayMs, count: 10_000 },
  },
})

/** Doubled for each attempt that failed, and shortened by chance to between a half and all, so that many do not come at once. */
export const pauseAfter = (
  attempt: number,
  { firstMs, mostMs }: QueueLimits['backoff'],
  chance = Math.random(),
): number => Math.round(Math.min(mostMs, firstMs * 2 ** (attempt - 1)) * (0.5 + chance / 2))
