import type { ListenOptions } from '@covent/core'
import type { Handler } from './channels.ts'

interface Waiting {
  readonly payload: unknown
  readonly done: PromiseWithResolvers<void>
}

/**
 * A handler that works on so many events at once and lets others wait in order. `drop` is told of each for which there is
 * no room, and whether it is the first since there was.
 */
export const bounded = (
  handler: Handler,
  { concurrency, capacity = 1_024 }: ListenOptions,
  drop: (isFirst: boolean) => void,
): Handler => {
  const waiting: Waiting[] = []
  let working = 0
  let isFull = false

  const work = async (payload: unknown): Promise<void> => {
    working++
    try {
      await handler(payload)
    } finally {
      working--
      const next = waiting.shift()
      if (next !== undefined) next.done.resolve(work(next.payload))
    }
  }
  return (payload) => {
    if (working < concurrency) {
      isFull = false
      return work(payload)
    }
    if (waiting.length >= capacity) {
      drop(!isFull)
      isFull = true
      return undefined
    }
    isFull = false
    const done = Promise.withResolvers<void>()
    waiting.push({ payload, done })
    return done.promise
  }
}
