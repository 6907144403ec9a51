import type { Clock } from '@covent/core'

interface Sleeper {
  readonly due: number
  wake(): void
}

/** Time that stands still until `advance` turns it, waking sleepers in the order in which they are due. */
export interface FakeClock extends Clock {
  advance(ms: number): Promise<void>
  readonly sleeping: number
}

export const fakeClock = (startMs = Date.UTC(2026, 0, 1)): FakeClock => {
  let elapsed = 0
  const sleepers = new Set<Sleeper>()
  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const sleeper: Sleeper = { due: elapsed + ms, wake: resolve }
        sleepers.add(sleeper)
        const abort = (): void => {
          sleepers.delete(sleeper)
          reject(signal?.reason as Error)
        }
        signal?.addEventListener('abort', abort, { once: true })
      }),
    async advance(ms) {
      const until = elapsed + ms
      for (;;) {
        const next = [...sleepers].filter((s) => s.due <= until).toSorted((a, b) => a.due - b.due)[0]
        if (next === undefined) break
        elapsed = next.due
        sleepers.delete(next)
        next.wake()
        await new Promise((resolve) => setImmediate(resolve))
      }
      elapsed = until
    },
    get sleeping() {
      return sleepers.size
    },
  }
}
