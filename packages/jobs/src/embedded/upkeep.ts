import { type AnyQueue, type Engine, limitsOf } from './engine.ts'

const everyMs = 60_000

const prune = async ({ stores }: Engine, queue: AnyQueue): Promise<void> => {
  const { ended, failed } = limitsOf(queue).keep
  await stores.jobs.prune(queue.name, 'completed', ended)
  await stores.jobs.prune(queue.name, 'cancelled', ended)
  await stores.jobs.prune(queue.name, 'failed', failed)
}

const measure = async ({ stores, metrics }: Engine): Promise<void> => {
  for (const { queue, counts } of await stores.jobs.stats())
    for (const [state, count] of Object.entries(counts)) metrics.gauge('jobs_kept', count, { queue, state })
}

/** Deletes what need not be kept, and measures what is there, until the signal aborts. */
export const keepUp = async (
  engine: Engine,
  queues: readonly AnyQueue[],
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    try {
      for (const queue of queues) await prune(engine, queue)
      await measure(engine)
    } catch (error) {
      engine.logger.warn('ended jobs could not be deleted', { error })
    }
    await engine.clock.sleep(everyMs, signal).catch(() => {})
  }
}
