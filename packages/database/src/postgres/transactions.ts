import { setTimeout as sleep } from 'node:timers/promises'
import type { PoolClient } from 'pg'
import type { Session } from '../session.ts'
import { type Connection, connectionOver } from './connection.ts'
import { failureOf, outcomeUnknown } from './failure.ts'
import type { Connections } from './pool.ts'
import { currentUnit, openUnit, type Unit } from './unit.ts'

type Work<T> = (session: Session) => Promise<T>

type Attempt<T> =
  | { readonly state: 'done'; readonly value: T }
  | { readonly state: 'failed' | 'lost-to-others'; readonly error: unknown }

export interface Transactions {
  /** Runs the work in a transaction of its own, again where others changed meanwhile what it changes. */
  run<T>(work: Work<T>): Promise<T>
  /** Runs what is one statement by itself. */
  statement<T>(run: (connection: Connection) => Promise<T>): Promise<T>
}

/** Attempts after the first; they take turns, so that those who lost cannot keep each other from going on. */
const RETRIES = 12
const BEGIN = 'begin isolation level repeatable read'

const failedWith = <T>(error: unknown, isTransient: boolean): Attempt<T> => ({
  state: isTransient ? 'lost-to-others' : 'failed',
  error,
})

/** How the work ends, before anything is committed. */
const outcomeOf = async <T>(unit: Unit, work: Work<T>): Promise<Attempt<T>> => {
  try {
    const done = currentUnit.run(unit, () => work(unit.session))
    done.catch(() => {})
    const value = await Promise.race([done, unit.misused])
    if (unit.failure === undefined) return { state: 'done', value }
    return failedWith(unit.failure.error, unit.failure.isTransient)
  } catch (error) {
    return failedWith(error, unit.failure?.isTransient ?? false)
  } finally {
    unit.end()
  }
}

const commit = async <T>(connection: Connection, discard: () => void, value: T): Promise<Attempt<T>> => {
  try {
    await connection.command('commit')
    return { state: 'done', value }
  } catch (cause) {
    const { error, isTransient, isConnectionLost } = failureOf(cause)
    if (!isConnectionLost) return failedWith(error, isTransient)
    discard()
    return failedWith(outcomeUnknown(cause), false)
  }
}

const rollBack = async (connection: Connection, discard: () => void): Promise<void> => {
  try {
    await connection.command('rollback')
  } catch {
    // The server rolls back what a connection leaves behind that ends.
    discard()
  }
}

const attempt = async <T>(client: PoolClient, discard: () => void, work: Work<T>): Promise<Attempt<T>> => {
  const connection = connectionOver(client)
  // On the way together with the first statement, which fails with it.
  const begun = connection.command(BEGIN)
  begun.catch(() => {})
  const outcome = await outcomeOf(openUnit(connection), work)
  try {
    await begun
  } catch (cause) {
    discard()
    return failedWith(failureOf(cause).error, false)
  }
  if (outcome.state === 'done') return commit(connection, discard, outcome.value)
  await rollBack(connection, discard)
  return outcome
}

/** One after another, in the order in which they come. */
const queue = (): (<T>(act: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(act: () => Promise<T>) => {
    const next = last.then(act)
    last = next.catch(() => {})
    return next
  }
}

export const transactions = ({ lend }: Connections): Transactions => {
  const inTurn = queue()
  const settled = <T>(outcome: Attempt<T>): T => {
    if (outcome.state !== 'done') throw outcome.error
    return outcome.value
  }
  const repeated = async <T>(once: () => Promise<Attempt<T>>): Promise<T> => {
    const first = await once()
    if (first.state !== 'lost-to-others') return settled(first)
    return inTurn(async () => {
      let outcome: Attempt<T> = first
      for (let n = 0; n < RETRIES && outcome.state === 'lost-to-others'; n++) {
        // Those of other processes do not stand in our queue.
        if (n > 0) await sleep(Math.random() * Math.min(2 ** n, 100))
        outcome = await once()
      }
      return settled(outcome)
    })
  }
  const once = <T>(run: (connection: Connection) => Promise<T>): Promise<Attempt<T>> =>
    lend(async (client, discard) => {
      try {
        return { state: 'done', value: await run(connectionOver(client)) }
      } catch (cause) {
        const { error, isTransient, isConnectionLost } = failureOf(cause)
        if (isConnectionLost) discard()
        return failedWith<T>(isConnectionLost ? outcomeUnknown(cause) : error, isTransient)
      }
    })
  return {
    run: (work) => repeated(() => lend((client, discard) => attempt(client, discard, work))),
    statement: (run) => repeated(() => once(run)),
  }
}
