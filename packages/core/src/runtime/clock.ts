import { type Token, token } from '../token.ts'

/** Time, so that tests can turn it. */
export interface Clock {
  /** Wall clock, in milliseconds since the epoch; may jump. */
  now(): number
  /** Milliseconds since some point; never goes back. For deadlines and durations. */
  monotonic(): number
  /** Resolves after `ms`; rejects with the signal's reason when aborted. Does not keep the process alive. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
export const Clock: Token<Clock> = token('Clock')

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }, ms)
      timer.unref?.()
      const abort = (): void => {
        clearTimeout(timer)
        reject(signal?.reason as Error)
      }
      signal?.addEventListener('abort', abort, { once: true })
    }),
}
