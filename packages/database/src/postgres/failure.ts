import { AppError, DatabaseError } from '@covent/core'

/** What an error of `pg` means to a caller, and to whoever holds the connection. */
export interface Failure {
  readonly error: unknown
  /** The same work may go well when it is done again: somebody else changed what it changes. */
  readonly isTransient: boolean
  /** Nobody knows what the server did of what was sent last. */
  readonly isConnectionLost: boolean
}

/** SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html; the longest prefix counts. */
const notUsable: Readonly<Record<string, string>> = {
  '08': 'the connection was lost',
  '25006': 'it takes no writes at present',
  '25P03': 'a transaction stood open for too long',
  '28': 'it refuses the user or the password',
  '3D000': 'there is no such database',
  '42501': 'its user lacks a right',
  '53': 'the server lacks resources',
  '53300': 'the server has too many connections',
  '55P03': 'a lock was not to be had in time',
  '57014': 'it took too long',
  '57P': 'the server is stopping or starting',
  '58': 'the server failed to read or write',
}

const FULL = '53100'
const CONSTRAINT = '23'
const transient = new Set(['40001', '40P01'])

const unavailable = (reason: string, cause: unknown): DatabaseError =>
  new DatabaseError('database.unavailable', `The database cannot be used: ${reason}`, { cause })

const busy = (cause: unknown): DatabaseError => unavailable('others change the same rows all the time', cause)

const reasonOf = (state: string): string | undefined =>
  [state, state.slice(0, 3), state.slice(0, 2)].map((prefix) => notUsable[prefix]).find(Boolean)

const errorOf = (state: string, cause: Error): unknown => {
  if (state.startsWith(CONSTRAINT))
    return new DatabaseError('database.conflict', `${cause.message}; read again and repeat`, { cause })
  if (state === FULL)
    return new DatabaseError('database.full', 'No space left for the database; free some', { cause })
  if (transient.has(state)) return busy(cause)
  const reason = reasonOf(state)
  return reason === undefined ? cause : unavailable(reason, cause)
}

const ends = (state: string): boolean => /^(?:08|25P03|57P)/.test(state)

const isOfServer = (error: Error & { code?: string; severity?: string }): boolean =>
  error.severity !== undefined && error.code?.length === 5

/** Errors of `pg` that the server did not send are of the connection: refused, reset, timed out. */
export const failureOf = (error: unknown): Failure => {
  if (AppError.is(error) || !(error instanceof Error))
    return { error, isTransient: false, isConnectionLost: false }
  if (!isOfServer(error))
    return { error: unavailable(error.message, error), isTransient: false, isConnectionLost: true }
  const { code: state = '' } = error as { code?: string }
  return {
    error: errorOf(state, error),
    isTransient: transient.has(state),
    isConnectionLost: ends(state),
  }
}

export const notOpen = (): DatabaseError =>
  new DatabaseError('database.unavailable', 'The database is not open; start it first')

export const outcomeUnknown = (cause: unknown): DatabaseError =>
  new DatabaseError(
    'database.outcome-unknown',
    'The connection was lost while a change was committed; repeat it under the same id or key',
    { cause },
  )
