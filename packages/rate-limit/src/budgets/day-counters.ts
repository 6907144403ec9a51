import { type Clock, DatabaseError, type KeyValueStore, newId } from '@covent/core'
import * as z from 'zod'

export interface Addition {
  readonly key: string
  /** Below zero to give back. */
  readonly amount: number
  /** What the counter may come to; anything, when absent. */
  readonly cap?: number
}

/** Numbers that begin at zero each day. */
export interface DayCounters {
  /** Adds, unless that comes to more than the cap. Answers what stood before. */
  add(day: string, addition: Addition): Promise<{ readonly isAdded: boolean; readonly before: number }>
}

const sum = (before: number, { amount, cap = Number.POSITIVE_INFINITY }: Addition) => ({
  isAdded: before + amount <= cap,
  after: Math.max(0, before + amount),
})

/** Counts in this process, and holds the numbers of one day. */
export const memoryCounters = (): DayCounters => {
  const counts = new Map<string, number>()
  let held = ''
  return {
    async add(day, addition) {
      if (day > held) {
        counts.clear()
        held = day
      }
      const before = counts.get(addition.key) ?? 0
      const { isAdded, after } = sum(before, addition)
      if (isAdded && day === held) counts.set(addition.key, after)
      return { isAdded, before }
    },
  }
}

const dayMs = 86_400_000
/** No plugin has an id without a point, so none reaches these values. */
const namespace = { plugin: 'budgets', scope: 'plugin', owner: '' } as const
/** Over it the store sweeps what has expired: about a million counters. */
const quotaBytes = 67_108_864
const triesAtMost = 100

/** Does the work of one key one after the other; other processes are met by compare and set. */
const lanes = () => {
  const tails = new Map<string, Promise<unknown>>()
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const done = (tails.get(key) ?? Promise.resolve()).then(work)
    const tail: Promise<unknown> = done
      .catch(() => undefined)
      .then(() => tails.get(key) === tail && tails.delete(key))
    tails.set(key, tail)
    return done
  }
}

/** Counts in the store, so that neither a restart nor a second server forgets. */
export const storedCounters = (store: KeyValueStore, clock: Clock): DayCounters => {
  const inLane = lanes()
  const tryToAdd = async (key: string, addition: Addition) => {
    const nowMs = clock.now()
    const expected = await store.get(namespace, key, nowMs)
    const before = z.number().parse(expected ?? 0)
    const { isAdded, after } = sum(before, addition)
    if (!isAdded) return { isAdded, before }
    const options = {
      operationId: newId('call', nowMs),
      nowMs,
      expiresAt: nowMs + 2 * dayMs,
      quotaBytes,
    }
    const isSet = await store.compareAndSet(namespace, key, { expected, next: after }, options)
    return isSet ? { isAdded, before } : undefined
  }
  return {
    add: (day, addition) =>
      inLane(addition.key, async () => {
        for (let n = 0; n < triesAtMost; n++) {
          const answer = await tryToAdd(`${day} ${addition.key}`, addition)
          if (answer !== undefined) return answer
        }
        throw new DatabaseError(
          'database.conflict',
          `the budget ${addition.key} is being changed too often; try again`,
        )
      }),
  }
}
