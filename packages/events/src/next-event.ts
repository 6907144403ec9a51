import type { Clock, WaitOptions } from '@covent/core'

type Listen<P> = (handler: (payload: P) => void) => Disposable

export interface NextEventOptions<P> extends WaitOptions<P> {
  /** The event's name, for the message of a timeout. */
  readonly type: string
  readonly clock: Clock
}

/** The longest that a timer can run; beyond it Node fires at once. */
const longestTimerMs = 2 ** 31 - 1

/** The next of what `listen` brings for which `where` holds; a driver's `waitFor()`. An error of `where` rejects it. */
export const nextEvent = <P>(listen: Listen<P>, options: NextEventOptions<P>): Promise<P> =>
  new Promise((resolve, reject) => {
    const { where, timeoutMs, signal, type, clock } = options
    signal?.throwIfAborted()
    const settled = new AbortController()
    const settle = (act: () => void): void => {
      subscription[Symbol.dispose]()
      signal?.removeEventListener('abort', abort)
      settled.abort()
      act()
    }
    const abort = (): void => settle(() => reject(signal?.reason as Error))
    const subscription = listen((payload) => {
      try {
        if (where === undefined || where(payload)) settle(() => resolve(payload))
      } catch (error) {
        settle(() => reject(error))
      }
    })
    signal?.addEventListener('abort', abort, { once: true })
    if (timeoutMs === undefined) return
    clock.sleep(Math.min(timeoutMs, longestTimerMs), settled.signal).then(
      () => settle(() => reject(timeout(type, timeoutMs))),
      () => {}, // settled before
    )
  })

const timeout = (type: string, timeoutMs: number): Error =>
  new DOMException(`no fitting "${type}" within ${timeoutMs} ms`, 'TimeoutError')
