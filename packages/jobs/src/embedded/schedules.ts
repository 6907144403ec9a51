import { type EnqueueOptions, type JobSchedule, ValidationError } from '@covent/core'
import { Cron } from 'croner'
import type { Engine } from './engine.ts'

/** The longest that a tick may come late, where the clock of the store was set forward. */
const checkMs = 30_000

type Enqueue = (schedule: JobSchedule, options: EnqueueOptions) => Promise<unknown>

/** Knows when a schedule ticks. Throws `validation.failed` where its words are not understood. */
export const ticksOf = ({
  name,
  cron,
  timeZone = 'UTC',
}: Pick<JobSchedule, 'name' | 'cron' | 'timeZone'>) => {
  try {
    const ticks = new Cron(cron, { timezone: timeZone, paused: true })
    ticks.nextRun()
    return {
      /** The last one up to the time, which is itself one of them where it ticks then. */
      before: (at: number): number | undefined =>
        ticks.match(new Date(at))
          ? Math.floor(at / 1000) * 1000
          : ticks.previousRuns(1, new Date(at))[0]?.getTime(),
      after: (at: number): number | undefined => ticks.nextRun(new Date(at))?.getTime(),
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ValidationError('validation.failed', `schedule ${name}: ${reason}`, { cause })
  }
}

const check = async (engine: Engine, schedule: JobSchedule, enqueue: Enqueue): Promise<number> => {
  const { stores, unitOfWork } = engine
  const ticks = ticksOf(schedule)
  const last = await stores.jobs.lastTick(schedule.name)
  const now = await stores.jobs.now()
  const due = ticks.before(now)
  if (due !== undefined && due > last)
    await unitOfWork.run(async (within) => {
      if (await within.jobs.tick(schedule.name, due))
        await enqueue(schedule, { within: within, idempotencyKey: `${schedule.name}@${due}` })
    })
  const next = ticks.after(now)
  return next === undefined ? checkMs : Math.min(checkMs, Math.max(1, next - now))
}

/** Enqueues a job at each tick that no other replica has told of, until the signal aborts. */
export const keepSchedule = async (
  engine: Engine,
  { schedule, enqueue }: { readonly schedule: JobSchedule; readonly enqueue: Enqueue },
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const ms = await check(engine, schedule, enqueue).catch((error: unknown) => {
      engine.logger.warn('a schedule could not be looked at', { schedule: schedule.name, error })
      return engine.times.pollMs
    })
    await engine.clock.sleep(ms, signal).catch(() => {})
  }
}
