import type { Session } from '../session.ts'
import type { Connection } from './connection.ts'
import { notOpen } from './failure.ts'
import { runGroup } from './group.ts'
import type { Unit } from './unit.ts'

/** The one writer: units wait here, and those that came in one round of the loop share a commit. */
export interface UnitQueue {
  statement<T>(run: (connection: Connection) => T): Promise<T>
  work<T>(run: (session: Session) => Promise<T>): Promise<T>
  /** Takes no more, and resolves when nothing waits any more. */
  close(): Promise<void>
  /** Why the last transaction failed; undefined once one has gone well again. */
  readonly failure: unknown
}

const nextRound = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const unitQueue = (connection: () => Connection): UnitQueue => {
  let waiting: Unit[] = []
  let running: Promise<void> | undefined
  let failure: unknown
  let closed = false

  const serve = async (): Promise<void> => {
    while (waiting.length > 0) {
      await nextRound()
      const units = waiting
      waiting = []
      failure = await runGroup(connection(), units)
    }
    running = undefined
  }
  const enqueue = (unit: Unit): void => {
    if (closed) throw notOpen()
    connection()
    waiting.push(unit)
    running ??= serve()
  }
  return {
    statement: (run) =>
      new Promise((resolve, reject) => enqueue({ kind: 'statement', run, resolve, reject })),
    work: (run) => new Promise((resolve, reject) => enqueue({ kind: 'work', run, resolve, reject })),
    async close() {
      closed = true
      await running
    },
    get failure() {
      return failure
    },
  }
}
