import type { Clock } from '@covent/core'

const mostRemembered = 10_000

/** Whether a key was not asked about for that long, so that what is busy is told of once in a while. */
export const occasionally = (clock: Clock, quietMs: number): ((key: string) => boolean) => {
  const told = new Map<string, number>()
  return (key) => {
    const now = clock.monotonic()
    const last = told.get(key)
    if (last !== undefined && now - last < quietMs) return false
    if (told.size >= mostRemembered) told.clear()
    told.set(key, now)
    return true
  }
}
