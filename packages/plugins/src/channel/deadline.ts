const longestCheckMs = 1_000

export interface DeadlineHandlers {
  /** Asks whether the guest is alive, and returns how to learn the answer. */
  ask(): () => boolean
  /** The time is up: `alive` tells a guest that is merely slow from one that hangs. */
  expire(alive: boolean): void
}

/**
 * Watches one call. Shortly before its time is up the guest is asked for a sign of life, so that at the deadline it is
 * known whether cancelling will reach it or only killing will.
 */
export const deadline = (timeoutMs: number, { ask, expire }: DeadlineHandlers): Disposable => {
  const checkMs = Math.min(longestCheckMs, timeoutMs / 2)
  let timer = setTimeout(() => {
    const answered = ask()
    // After the timers the loop reads what has arrived: an answer that waits while the host is busy must count.
    timer = setTimeout(() => setImmediate(() => done || expire(answered())), checkMs)
  }, timeoutMs - checkMs)
  let done = false
  return {
    [Symbol.dispose]() {
      done = true
      clearTimeout(timer)
    },
  }
}
