import { DatabaseError } from '@covent/core'
import type { Session } from '../session.ts'
import { bytesOf, type Connection } from './connection.ts'

export type Outcome =
  | { readonly state: 'done'; readonly value: unknown }
  | { readonly state: 'failed'; readonly error: unknown }

/** The transaction that several units share. */
export interface Group {
  readonly connection: Connection
  /** Why SQLite gave the whole transaction up by itself. */
  failure?: unknown
}

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

/** Writes that stand or fall together: one statement, or what somebody's work does through a session. */
export type Unit = Waiting &
  (
    | { readonly kind: 'statement'; run(connection: Connection): unknown }
    | { readonly kind: 'work'; run(session: Session): Promise<unknown> }
  )

const ended = (): DatabaseError =>
  new DatabaseError(
    'database.unit-misused',
    'This unit of work has ended; await each of its stores inside it',
  )

const awaitedElse = (): DatabaseError =>
  new DatabaseError(
    'database.unit-misused',
    'A unit of work awaited something other than its stores and was rolled back; do that before or after it',
  )

const unitSession = (group: Group): { readonly session: Session; end(): void } => {
  const { connection } = group
  let open = true
  const call = <T>(statement: () => T): T => {
    if (!open) throw ended()
    if (group.failure !== undefined) throw group.failure
    try {
      return statement()
    } catch (error) {
      if (!connection.inTransaction) group.failure = error
      throw error
    }
  }
  const session: Session = {
    engine: 'sqlite',
    vector: bytesOf,
    get: (query, parameters) => call(() => connection.get(query, parameters)),
    all: (query, parameters) => call(() => connection.all(query, parameters)),
    run: (query, parameters) => call(() => connection.run(query, parameters)),
    execute: (sql, values) => call(() => connection.execute(sql, values)),
    atomically: (work) => work(session),
  }
  return { session, end: () => void (open = false) }
}

/**
 * How the work ends. Statements run at once, so work that awaits nothing else ends before the loop's next round;
 * what has not by then waits for something that the writers behind it must not wait for.
 */
const outcomeOf = (work: () => Promise<unknown>): Promise<Outcome> =>
  new Promise((resolve) => {
    const watchdog = setImmediate(() => resolve({ state: 'failed', error: awaitedElse() }))
    const settle = (outcome: Outcome): void => {
      clearImmediate(watchdog)
      resolve(outcome)
    }
    work().then(
      (value) => settle({ state: 'done', value }),
      (error: unknown) => settle({ state: 'failed', error }),
    )
  })

const attempt = async (group: Group, unit: Unit): Promise<Outcome> => {
  if (unit.kind === 'statement') return { state: 'done', value: unit.run(group.connection) }
  const { session, end } = unitSession(group)
  try {
    return await outcomeOf(() => unit.run(session))
  } finally {
    end()
  }
}

/** Runs a unit inside the group's transaction; a statement that fails leaves nothing behind in any case. */
export const performUnit = async (group: Group, unit: Unit): Promise<Outcome> => {
  try {
    return await attempt(group, unit)
  } catch (error) {
    return { state: 'failed', error }
  }
}
