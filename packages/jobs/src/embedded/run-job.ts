import {
  AppError,
  type ClaimedJob,
  type ErrorRecord,
  type JobEnd,
  JobError,
  type JobOutcome,
  type RunningJob,
} from '@covent/core'
import { type AnyQueue, type Engine, limitsOf, pauseAfter } from './engine.ts'
import type { Held } from './held.ts'
import { progressOf } from './progress.ts'

interface Run {
  readonly engine: Engine
  readonly queue: AnyQueue
  readonly job: ClaimedJob
  readonly signal: AbortSignal
  durationMs(): number
}

const recordOf = (error: unknown): ErrorRecord =>
  AppError.is(error)
    ? { code: error.code, message: error.message }
    : { code: 'job.failed', message: error instanceof Error ? error.message : 'It threw what is no error' }

/** What follows from a handler's rejection. */
const outcomeOf = ({ queue, job, signal }: Run, thrown: unknown): JobOutcome | undefined => {
  const cause = signal.aborted ? (signal.reason as unknown) : thrown
  const error = recordOf(cause)
  if (error.code === 'job.lost') return undefined
  if (error.code === 'job.stopped') return { kind: 'released' }
  if (error.code === 'job.cancelled') return { kind: 'cancelled', error }
  if (error.code === 'job.rejected' || job.attempt >= job.attempts) return { kind: 'failed', error }
  return { kind: 'retry', pauseMs: pauseAfter(job.attempt, limitsOf(queue).backoff), error }
}

/** Rejects some time after the signal, for handlers that do not heed it: what they still write through the job is refused. */
const deserted = ({ engine: { clock, logger, times }, job, signal }: Run): Promise<never> =>
  new Promise((_, reject) => {
    const leave = async (): Promise<void> => {
      await clock.sleep(times.graceMs)
      logger.warn('a job may still run, though it was told to end', { jobId: job.id, queue: job.queue })
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', () => void leave(), { once: true })
  })

const parsed = ({ queue, job }: Run): unknown => {
  const { success, data, error } = queue.payload.safeParse(job.payload)
  if (success) return data
  throw new JobError('job.rejected', `The payload does not fit queue ${queue.name}: ${error.message}`)
}

/** Ends the job, however long the database cannot be reached, unless it belongs to another by then. */
const settle = async ({ engine, job, durationMs }: Run, outcome: JobOutcome): Promise<void> => {
  const { stores, clock, logger, times } = engine
  const end: JobEnd = { ...outcome, durationMs: Math.round(durationMs()) }
  const until = clock.monotonic() + 4 * times.leaseMs
  for (;;)
    try {
      await stores.jobs.end(job, end)
      return
    } catch (error) {
      if (AppError.is(error, 'database.conflict')) {
        logger.warn('a job had ended or was taken over before its end could be kept', { jobId: job.id })
        return
      }
      if (clock.monotonic() > until) throw error
      await clock.sleep(times.pollMs)
    }
}

const tell = ({ engine, job, durationMs }: Run, outcome: JobOutcome | undefined): void => {
  const { metrics, events, logger } = engine
  const kind = outcome?.kind ?? 'lost'
  const labels = { queue: job.queue, outcome: kind }
  metrics.count('jobs_ended_total', 1, labels)
  metrics.observe('job_run_seconds', durationMs() / 1000, { queue: job.queue })
  const error = outcome !== undefined && 'error' in outcome ? outcome.error : undefined
  events.emit('job.ended', { jobId: job.id, queue: job.queue, outcome: kind, ...(error && { error }) })
  const fields = { jobId: job.id, queue: job.queue, attempt: job.attempt, error }
  if (kind === 'failed') logger.error('a job has failed for good', fields)
  else if (kind === 'retry') logger.warn('a job has failed and is tried again', fields)
}

interface Worked {
  readonly run: Run
  readonly progress: ReturnType<typeof progressOf>
  isComplete: boolean
}

const runningJob = (worked: Worked): RunningJob => {
  const { engine, job, signal, durationMs } = worked.run
  return {
    id: job.id,
    fence: job.fence,
    queue: job.queue,
    attempt: job.attempt,
    ...(job.principalId !== undefined && { principalId: job.principalId }),
    signal,
    progress: worked.progress.tell,
    async complete(work) {
      await worked.progress.flush()
      await engine.unitOfWork.run(async (stores) => {
        const result = await work(stores)
        await stores.jobs.end(job, { kind: 'completed', result, durationMs: Math.round(durationMs()) })
      })
      worked.isComplete = true
    },
  }
}

const work = async (worked: Worked): Promise<JobOutcome | undefined> => {
  const { run } = worked
  try {
    const handled = run.queue.handle(parsed(run) as never, runningJob(worked))
    return { kind: 'completed', result: await Promise.race([handled, deserted(run)]) }
  } catch (error) {
    return outcomeOf(run, error)
  }
}

/** Runs a job that was claimed, to its end. */
export const runJob = async (engine: Engine, held: Held, { queue, job }: Pick<Run, 'queue' | 'job'>) => {
  const { clock, metrics } = engine
  const controller = new AbortController()
  const ended = new AbortController()
  const startedAt = clock.monotonic()
  using _ = held.add({ job, abort: (reason) => controller.abort(reason) })
  const durationMs = (): number => clock.monotonic() - startedAt
  const run: Run = { engine, queue, job, signal: controller.signal, durationMs }
  const late = (): void =>
    controller.abort(new JobError('job.timeout', `It took more than ${job.timeoutMs} ms`))
  clock.sleep(job.timeoutMs, ended.signal).then(late, () => {})
  metrics.count('jobs_started_total', 1, { queue: job.queue })
  metrics.observe('job_wait_seconds', Math.max(0, (job.startedAt ?? 0) - job.createdAt) / 1000, {
    queue: job.queue,
  })
  const worked: Worked = { run, progress: progressOf(engine, job), isComplete: false }
  const outcome = await work(worked)
  ended.abort()
  await worked.progress.flush()
  if (outcome !== undefined && !worked.isComplete) await settle(run, outcome)
  tell(run, worked.isComplete ? { kind: 'completed' } : outcome)
}
