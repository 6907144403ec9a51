import type { ClaimedEvent } from '@covent/core'

export interface LaneOptions {
  /** Lanes that are worked on at once. */
  readonly concurrency: number
  /** Deals with one event; false where those behind it must wait. */
  work(event: ClaimedEvent): Promise<boolean>
  /** Puts back an event that was not begun. */
  release(event: ClaimedEvent): Promise<void>
  /** A lane has come to its end. */
  ended(): void
}

export interface Lanes {
  add(events: readonly ClaimedEvent[]): void
  /** Events that were added and have not been dealt with. */
  readonly size: number
  /** Begins nothing more, and resolves when what was begun has ended and all else is put back. */
  close(): Promise<void>
}

/** Works on events: those of one key one after the other, those of several keys side by side. */
export const lanes = ({ concurrency, work, release, ended }: LaneOptions): Lanes => {
  const byKey = new Map<string, ClaimedEvent[]>()
  const ready: string[] = []
  const running = new Set<Promise<void>>()
  let size = 0
  const closing = new AbortController()

  const putBack = async (events: readonly ClaimedEvent[]): Promise<void> => {
    for (const event of events) {
      await release(event)
      size--
    }
  }
  const run = async (key: string): Promise<void> => {
    const lane = byKey.get(key)!
    let goesOn = true
    while (goesOn && !closing.signal.aborted && lane.length > 0) {
      goesOn = await work(lane[0]!)
      lane.shift()
      size--
    }
    byKey.delete(key)
    await putBack(lane)
  }
  const serve = (): void => {
    while (!closing.signal.aborted && running.size < concurrency && ready.length > 0) {
      const one = run(ready.shift()!).then(() => {
        running.delete(one)
        serve()
        ended()
      })
      running.add(one)
    }
  }
  return {
    add(events) {
      size += events.length
      for (const event of events) {
        const lane = byKey.get(event.key)
        if (lane !== undefined) lane.push(event)
        else {
          byKey.set(event.key, [event])
          ready.push(event.key)
        }
      }
      serve()
    },
    get size() {
      return size
    },
    async close() {
      closing.abort()
      await Promise.all(running)
      for (const key of ready.splice(0)) await run(key)
    },
  }
}
