import type { ErrorRecord } from '../stores/message-store.ts'

export const jobStates = ['waiting', 'running', 'completed', 'failed', 'cancelled'] as const
/** `failed`: at all its attempts, a dead letter. */
export type JobState = (typeof jobStates)[number]

/** One try at a job, of those that have ended. */
export interface JobAttempt {
  readonly attempt: number
  readonly owner: string
  readonly startedAt: number
  readonly durationMs: number
  /** `lost`: its process died, or did not prolong its lease. */
  readonly outcome: 'completed' | 'failed' | 'cancelled' | 'released' | 'lost'
  readonly error?: ErrorRecord
}

export interface Job {
  readonly id: string
  readonly queue: string
  readonly payload: unknown
  readonly state: JobState
  /** From -100 to 100. */
  readonly priority: number
  readonly createdAt: number
  /** Waiting: when it may start. Running: when its lease ends. */
  readonly dueAt: number
  /** Starts so far, without those that were put back. */
  readonly attempt: number
  readonly attempts: number
  readonly timeoutMs: number
  readonly history: readonly JobAttempt[]
  readonly principalId?: string
  readonly idempotencyKey?: string
  readonly startedAt?: number
  readonly endedAt?: number
  readonly progress?: unknown
  readonly result?: unknown
  /** Of the last attempt. */
  readonly error?: ErrorRecord
}

export interface QueueStats {
  readonly queue: string
  readonly counts: Readonly<Record<JobState, number>>
  /** Since when the oldest waiting one is due. */
  readonly oldestDueAt?: number
  /** Over those that have completed and are still kept. */
  readonly meanRunMs?: number
  readonly maxRunMs?: number
  readonly meanWaitMs?: number
}

/** Which jobs a list shows; all of them by default. */
export interface JobFilter {
  readonly queue?: string | undefined
  readonly state?: JobState | undefined
  readonly principalId?: string | undefined
}
