import { type Clock, systemClock } from '@covent/core'

/** Ten times as fast for those who wait, and as late as one turns it for those who look. */
export const hasty = (): { readonly clock: Clock; turn(ms: number): void } => {
  let offsetMs = 0
  return {
    clock: {
      now: () => systemClock.now() + offsetMs,
      monotonic: () => systemClock.monotonic() + offsetMs,
      sleep: (ms, signal) => systemClock.sleep(ms / 10, signal),
    },
    turn: (ms) => void (offsetMs += ms),
  }
}
