import type { Clock } from '@covent/core'

/** Work under way, which a stop waits for and then aborts. */
export interface Tasks {
  add(work: Promise<void>, abort: AbortController): void
  abort(reason: Error): void
  /** Resolves when all that is under way has settled, or after `withinMs`. */
  settled(clock: Clock, withinMs: number): Promise<void>
}

export const tasks = (): Tasks => {
  const running = new Map<Promise<void>, AbortController>()
  return {
    add(work, abort) {
      const done = work.then(
        () => void running.delete(done),
        () => void running.delete(done),
      )
      running.set(done, abort)
    },
    abort(reason) {
      for (const abort of running.values()) abort.abort(reason)
    },
    async settled(clock, withinMs) {
      const timer = new AbortController()
      const late = clock.sleep(withinMs, timer.signal).catch(() => undefined)
      await Promise.race([Promise.all(running.keys()), late])
      timer.abort()
    },
  }
}
