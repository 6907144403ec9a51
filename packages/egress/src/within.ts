import { AppError, type Clock, EgressError } from '@covent/core'

export interface Bounds {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

export const abortable = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })

/** An error of the network, in words that name no address. */
const failureOf = (error: unknown): EgressError => {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  if (code.startsWith('Z_') || code.startsWith('ERR__ERROR_') || code.startsWith('HPE_'))
    return new EgressError('egress.response-invalid', `the response cannot be read (${code})`)
  return new EgressError('egress.connection-failed', `the connection failed (${code})`)
}

/** Runs work with a signal that aborts when the time is up, or when the caller's does; any failure is an `AppError`. */
export const within = async <T>(
  { clock, timeoutMs, signal: callers }: Bounds,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const late = new AbortController()
  const done = new AbortController()
  const error = new EgressError('egress.timeout', `there was no answer within ${timeoutMs} ms`)
  void clock.sleep(timeoutMs, done.signal).then(
    () => late.abort(error),
    () => {}, // answered in time
  )
  const signal = callers === undefined ? late.signal : AbortSignal.any([late.signal, callers])
  try {
    return await work(signal)
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    throw AppError.is(cause) ? cause : failureOf(cause)
  } finally {
    done.abort()
  }
}
