import type { Page, PageRequest } from '../stores/page.ts'
import type { ErrorRecord } from '../stores/message-store.ts'
import type { Job, JobFilter, JobState, QueueStats } from './job.ts'

export interface NewJob {
  readonly id: string
  readonly queue: string
  readonly payload: unknown
  readonly priority: number
  readonly attempts: number
  readonly timeoutMs: number
  /** From now, by the clock of the store; or the time itself. */
  readonly due: { readonly delayMs: number } | { readonly at: number }
  readonly principalId?: string | undefined
  readonly idempotencyKey?: string | undefined
}

/** Which start of a job: a higher number than that of every start before, by which a late writer is known. */
export interface JobHold {
  readonly id: string
  readonly fence: number
}

export interface ClaimedJob extends Job, JobHold {}

export interface JobClaim {
  /** The process that claims. */
  readonly owner: string
  readonly limit: number
  readonly leaseMs: number
  /** As many may run at once, wherever they run. */
  readonly concurrency: number
  readonly concurrencyPerPrincipal: number
}

export interface HeldJob extends JobHold {
  /** Somebody wants it to end. */
  readonly isCancelled: boolean
}

export type JobOutcome =
  | { readonly kind: 'completed'; readonly result?: unknown }
  | { readonly kind: 'retry'; readonly pauseMs: number; readonly error: ErrorRecord }
  | { readonly kind: 'failed' | 'cancelled'; readonly error: ErrorRecord }
  /** Put back as if it had not been started. */
  | { readonly kind: 'released' }

/** How an attempt went, and how long it took by a clock that does not jump. */
export type JobEnd = JobOutcome & { readonly durationMs: number }

/** Ended jobs that stay: those younger than the age, and of them no more than the number. */
export interface JobKeep {
  readonly ageMs: number
  readonly count: number
}

/** Jobs of the embedded queue. Leases and times go by the clock of the store. */
export interface JobStore {
  /** Tells the id of the job: of the one that is there, where the queue has one of this idempotency key. */
  enqueue(job: NewJob): Promise<string>
  find(id: string): Promise<Job | undefined>
  /** In the order of acceptance. */
  list(page: PageRequest & JobFilter): Promise<Page<Job>>
  /** Milliseconds until the first of the queue may be claimed; negative when it could have been. Reads only. */
  untilDue(queue: string): Promise<number | undefined>
  /**
   * Starts jobs that are due: those of higher priority first, where each step of priority weighs as much as ten seconds of
   * waiting, so that none waits for ever. Those whose lease has ended without a word wait anew, or have failed where that
   * was their last attempt. Claims of one queue come one after another.
   */
  claim(queue: string, claim: JobClaim): Promise<readonly ClaimedJob[]>
  /** Prolongs the leases of all that the owner runs and tells which those are: what is missing is no longer its own. */
  renew(owner: string, leaseMs: number): Promise<readonly HeldJob[]>
  /** Keeps the last word; of a late writer nothing. */
  progress(hold: JobHold, progress: unknown): Promise<void>
  /** Refused with `database.conflict`, and with it the unit of work, where the job has been started anew or ended since. */
  end(hold: JobHold, end: JobEnd): Promise<void>
  /** Cancels one that waits, and marks one that runs; the job as it is now. */
  cancel(id: string): Promise<Job | undefined>
  /** Lets one that has failed or was cancelled wait anew, with all its attempts; false where there is none such. */
  redrive(id: string): Promise<boolean>
  /** All dead letters of a queue; tells how many. */
  redriveFailed(queue: string): Promise<number>
  /** Deletes some of those that have ended in that state and are not to be kept; tells how many. */
  prune(queue: string, state: JobState, keep: JobKeep): Promise<number>
  stats(): Promise<readonly QueueStats[]>
  /** The clock of the store. */
  now(): Promise<number>
  /** When the schedule last ticked: `now` from its first sight on. */
  lastTick(schedule: string): Promise<number>
  /** True for one of all that tell of the tick, and for none once a later one was told. */
  tick(schedule: string, at: number): Promise<boolean>
  /** Told in this process when jobs of these queues have come, and that has committed. */
  onDue(listener: (queues: readonly string[]) => void): Disposable
}
