import { AsyncLocalStorage } from 'node:async_hooks'
import { AppError, DatabaseError } from '@covent/core'
import type { Session } from '../session.ts'
import type { Connection } from './connection.ts'
import { type Failure, failureOf } from './failure.ts'

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

/** A unit of work while it runs: statements of one transaction, and a watch over what it waits for. */
export interface Unit {
  readonly session: Session
  readonly isOpen: boolean
  /** Why its transaction can no longer be committed. */
  readonly failure: Failure | undefined
  /** Rejects when the work waits for something that those behind it must not wait for. */
  readonly misused: Promise<never>
  /** Lets the unit wait for something that is no statement of its own. */
  waitFor<T>(call: () => Promise<T>): Promise<T>
  end(): void
}

/** The unit that the calling code is part of. */
export const currentUnit = new AsyncLocalStorage<Unit>()

/** Watches that something is always awaited, until it is stopped; calls `onIdle` in the round of the loop in which nothing is. */
const watchdog = (onIdle: () => void) => {
  let pending = 0
  let timer: NodeJS.Immediate | undefined
  let isStopped = false
  const watch = (): void => {
    if (pending === 0 && !isStopped) timer = setImmediate(onIdle)
  }
  watch()
  return {
    async during<T>(call: () => Promise<T>): Promise<T> {
      clearImmediate(timer)
      pending++
      try {
        return await call()
      } finally {
        pending--
        watch()
      }
    },
    stop(): void {
      isStopped = true
      clearImmediate(timer)
    },
  }
}

export const openUnit = (connection: Connection): Unit => {
  const { promise: misused, reject: misuse } = Promise.withResolvers<never>()
  misused.catch(() => {})
  let isOpen = true
  let failure: Failure | undefined
  const { during, stop } = watchdog(() => misuse(awaitedElse()))
  const call = async <T>(statement: () => Promise<T>): Promise<T> => {
    if (!isOpen) throw ended()
    if (failure !== undefined) throw failure.error
    try {
      return await during(statement)
    } catch (error) {
      // What is an error of ours already has not touched the transaction: its key was taken.
      if (!AppError.is(error)) failure = failureOf(error)
      throw failureOf(error).error
    }
  }
  const session: Session = {
    engine: 'postgres',
    vector: Array.from<number>,
    get: (query, parameters) => call(() => connection.get(query, parameters)),
    all: (query, parameters) => call(() => connection.all(query, parameters)),
    run: (query, parameters) => call(() => connection.run(query, parameters)),
    execute: (sql, values) => call(() => connection.execute(sql, values)),
    atomically: (work) => work(session),
  }
  return {
    session,
    misused,
    waitFor: during,
    get isOpen() {
      return isOpen
    },
    get failure() {
      return failure
    },
    end() {
      isOpen = false
      stop()
    },
  }
}
