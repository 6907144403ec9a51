import type * as z from 'zod'
import type { Page, PageRequest } from '../stores/page.ts'
import type { Stores } from '../stores/unit-of-work.ts'
import { type Token, token } from '../token.ts'
import type { Job, JobFilter, QueueStats } from './job.ts'
import type { JobHold, JobKeep } from './job-store.ts'

/** A job while it runs. */
export interface RunningJob extends JobHold {
  readonly queue: string
  /** From 1. */
  readonly attempt: number
  readonly principalId?: string
  /** Aborts at the timeout, when the job is cancelled, when another has taken it over, and when the server stops. */
  readonly signal: AbortSignal
  /** Tells how far it is: any JSON value. Cheap; the store keeps the last one every now and then. */
  progress(value: unknown): void
  /**
   * Ends the job as completed together with what `work` writes: both or neither, once, however often the job was started.
   * What `work` resolves with is the result. Await nothing but the stores in it.
   */
  complete(work: (stores: Stores) => Promise<unknown>): Promise<void>
}

/** A kind of work. */
export interface JobQueue<P = unknown> {
  /** Lower case, with dots or dashes: `webhook.delivery`. */
  readonly name: string
  readonly payload: z.ZodType<P>
  /** Resolves with the result, unless `job.complete` was called. An error of code `job.rejected` is not tried again. */
  handle(payload: P, job: RunningJob): Promise<unknown>
  /** As many at once, on all replicas together. */
  readonly concurrency?: number
  readonly concurrencyPerPrincipal?: number
  /** Unless told otherwise at `enqueue`. */
  readonly attempts?: number
  /** Of one attempt. */
  readonly timeoutMs?: number
  /** Pauses before the second attempt, doubled for each further one, up to the most; each is shortened by chance. */
  readonly backoff?: { readonly firstMs: number; readonly mostMs: number }
  /** What stays of those that have completed or were cancelled, and of those that have failed. */
  readonly keep?: { readonly ended?: JobKeep; readonly failed?: JobKeep }
}

export interface EnqueueOptions {
  /** From -100 to 100; 0 by default. */
  readonly priority?: number
  readonly delayMs?: number
  /** Milliseconds since the epoch, by the clock of the store. */
  readonly runAt?: number
  /** A second one of the same queue and key is the first, as long as that is kept. */
  readonly idempotencyKey?: string
  /** For whom it is done. */
  readonly principalId?: string
  readonly attempts?: number
  readonly timeoutMs?: number
  /** The stores of a unit of work: the job is there when that has committed, and else is not. */
  readonly within?: Stores
}

export interface JobSchedule<P = unknown> {
  readonly name: string
  readonly queue: JobQueue<P>
  readonly payload: P
  /** Five or six fields. */
  readonly cron: string
  /** As IANA names it: `Europe/Berlin`; UTC by default. */
  readonly timeZone?: string
}

/**
 * Work that is done later, once: at least one start, one result. It survives the death of any process; a job whose process
 * died is started anew elsewhere, and what the first owner still writes through it is refused.
 */
export interface Jobs {
  /** Makes this process work on the queue, from `start` on. */
  define<P>(queue: JobQueue<P>): void
  /**
   * Enqueues a job at each tick, once on all replicas together. After a time in which no server ran, ticks that were missed
   * are made up for by one.
   */
  schedule<P>(schedule: JobSchedule<P>): void
  /** Resolves with the job's id once it is kept. Throws `validation.failed` for a payload or option that does not fit. */
  enqueue<P>(queue: JobQueue<P>, payload: P, options?: EnqueueOptions): Promise<string>
  find(id: string): Promise<Job | undefined>
  list(page: PageRequest & JobFilter): Promise<Page<Job>>
  /** Cancels it; one that runs has its signal aborted, here or elsewhere. Throws `job.not-found`, `job.ended`. */
  cancel(id: string): Promise<Job>
  /** Starts a failed or cancelled one anew. Throws `job.not-found`, `job.not-failed`. */
  redrive(id: string): Promise<Job>
  /** All that have failed of a queue; tells how many. */
  redriveFailed(queue: string): Promise<number>
  stats(): Promise<readonly QueueStats[]>
}
export const Jobs: Token<Jobs> = token('Jobs')
