import { systemClock } from '@covent/core'
import type { TestClock } from '@covent/plugin-sdk/testing'

type Clock = typeof systemClock

/** The clock of this machine, of which `advance` skips a part and wakes who sleeps until then. */
export const skippingClock = (): Clock & TestClock => {
  let skippedMs = 0
  const sleepers = new Set<{ readonly due: number; readonly awake: AbortController }>()
  const monotonic = (): number => systemClock.monotonic() + skippedMs
  return {
    now: () => systemClock.now() + skippedMs,
    monotonic,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      const sleeper = { due: monotonic() + ms, awake: new AbortController() }
      sleepers.add(sleeper)
      const ends =
        signal === undefined ? sleeper.awake.signal : AbortSignal.any([signal, sleeper.awake.signal])
      try {
        await systemClock.sleep(ms, ends)
      } catch (error) {
        if (!sleeper.awake.signal.aborted) throw error
      } finally {
        sleepers.delete(sleeper)
      }
    },
    async advance(ms) {
      skippedMs += ms
      const due = [...sleepers].filter((sleeper) => sleeper.due <= monotonic())
      for (const { awake } of due.toSorted((a, b) => a.due - b.due)) awake.abort()
      await systemClock.sleep(0)
    },
  }
}
