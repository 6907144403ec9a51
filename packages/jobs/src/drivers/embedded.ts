import {
  type Clock,
  type EventBus,
  JobError,
  type Jobs,
  type JobSchedule,
  type Logger,
  type Metrics,
  newId,
  noMetrics,
  type Service,
  silentLogger,
  type Stores,
  systemClock,
  type UnitOfWork,
} from '@covent/core'
import type { AnyQueue, Engine } from '../embedded/engine.ts'
import { type Held, heldJobs } from '../embedded/held.ts'
import { keepSchedule, ticksOf } from '../embedded/schedules.ts'
import { keepUp } from '../embedded/upkeep.ts'
import { queueWorker, type Worker } from '../embedded/worker.ts'
import { newJob } from '../new-job.ts'

export interface JobQueueOptions {
  readonly stores: Stores
  readonly unitOfWork: UnitOfWork
  readonly clock?: Clock
  readonly logger?: Logger
  readonly metrics?: Metrics
  /** Told of progress and ends. */
  readonly events?: Pick<EventBus, 'emit'>
  /** 1 s. */
  readonly pollMs?: number
  /** 30 s. */
  readonly leaseMs?: number
  /** 5 s. */
  readonly graceMs?: number
}

const engineOf = (options: JobQueueOptions): Engine => {
  const { clock = systemClock, pollMs = 1_000, leaseMs = 30_000, graceMs = 5_000 } = options
  return {
    stores: options.stores,
    unitOfWork: options.unitOfWork,
    clock,
    logger: options.logger ?? silentLogger,
    metrics: options.metrics ?? noMetrics,
    events: options.events ?? { emit() {} },
    owner: newId('rep', clock.now()),
    times: { pollMs, leaseMs, graceMs },
  }
}

const notFound = (id: string): JobError => new JobError('job.not-found', `There is no job ${id}`)

type Operated = Pick<Jobs, 'find' | 'list' | 'cancel' | 'redrive' | 'redriveFailed' | 'stats'>

const operated = ({ stores: { jobs } }: Engine, held: Held): Operated => ({
  find: (id) => jobs.find(id),
  list: (page) => jobs.list(page),
  async cancel(id) {
    const before = await jobs.find(id)
    if (before === undefined) throw notFound(id)
    if (before.endedAt !== undefined) throw new JobError('job.ended', `Job ${id} has ended: ${before.state}`)
    const job = await jobs.cancel(id)
    held.cancel(id)
    return job ?? before
  },
  async redrive(id) {
    const isAnew = await jobs.redrive(id)
    const job = await jobs.find(id)
    if (job === undefined) throw notFound(id)
    if (!isAnew) throw new JobError('job.not-failed', `Job ${id} is ${job.state}`)
    return job
  },
  redriveFailed: (queue) => jobs.redriveFailed(queue),
  stats: () => jobs.stats(),
})

/** Registered before the start, all that this process works on. */
interface Registered {
  readonly enqueue: Jobs['enqueue']
  readonly queues: Map<string, AnyQueue>
  readonly schedules: Map<string, JobSchedule>
}

const running = (engine: Engine, held: Held, { queues, schedules, enqueue }: Registered) => {
  const ending = new AbortController()
  const leaving = new AbortController()
  const workers = new Map<string, Worker>(
    [...queues].map(([name, queue]) => [name, queueWorker(engine, held, queue)]),
  )
  const news = engine.stores.jobs.onDue((names) => {
    for (const name of names) workers.get(name)?.wake()
  })
  const works = [
    ...[...workers.values()].map((worker) => worker.work(ending.signal)),
    keepUp(engine, [...queues.values()], ending.signal),
    ...[...schedules.values()].map((schedule) =>
      keepSchedule(
        engine,
        { schedule, enqueue: ({ queue, payload }, options) => enqueue(queue, payload, options) },
        ending.signal,
      ),
    ),
  ]
  const beats = held.keep(leaving.signal)
  return async (): Promise<void> => {
    ending.abort()
    news[Symbol.dispose]()
    for (const { abort } of held.all()) abort(new JobError('job.stopped', 'The server stops'))
    await Promise.all(works)
    leaving.abort()
    await beats
  }
}

/**
 * Works on jobs that stand in the database, on SQLite and PostgreSQL alike. Queues and schedules are defined before
 * `start`. `stop` aborts what runs; jobs that end by it wait for the next process as if they had not been started.
 */
export const jobQueue = (options: JobQueueOptions): Jobs & Required<Service> => {
  const engine = engineOf(options)
  const held = heldJobs(engine)
  let end: (() => Promise<void>) | undefined

  const enqueue: Jobs['enqueue'] = async (queue, payload, given = {}) => {
    const job = newJob(queue, payload, { options: given, nowMs: engine.clock.now() })
    return (given.within ?? options.stores).jobs.enqueue(job)
  }
  const registered: Registered = { enqueue, queues: new Map(), schedules: new Map() }
  const define = (queue: AnyQueue): void => {
    if (end !== undefined) throw new Error(`queue ${queue.name} is defined after the start`)
    registered.queues.set(queue.name, queue)
  }
  return {
    name: 'jobs',
    ...operated(engine, held),
    enqueue,
    define: (queue) => define(queue as unknown as AnyQueue),
    schedule(schedule) {
      ticksOf(schedule)
      define(schedule.queue as unknown as AnyQueue)
      registered.schedules.set(schedule.name, schedule)
    },
    start: async () => void (end = running(engine, held, registered)),
    async stop() {
      await end?.()
      end = undefined
    },
  }
}
