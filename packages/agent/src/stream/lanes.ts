import { room } from './room.ts'

/** A place in a lane, taken before its work is certain, so that order is that of taking. */
export interface Place {
  /** Resolves with true when all before it in its lane have left and the whole has room; with false once it has left or the lanes are closed. */
  enter(): Promise<boolean>
  /** Gives the place up, before or after entering. */
  leave(): void
}

/** Work in lanes: one at a time and in order within a lane, lanes beside each other up to a limit, then first come first served. */
export interface Lanes {
  take(lane: string): Place
  /** Places taken and not yet left. */
  readonly size: number
  /** Turns away all who wait, and all who come. */
  close(): void
}

interface Seat {
  readonly lane: string
  state: 'taken' | 'waiting' | 'entered' | 'left'
  settle?: (entered: boolean) => void
}

const enterNow = (seat: Seat): void => {
  seat.state = 'entered'
  seat.settle?.(true)
}

/** The lanes' queues; a seat that is first in its lane and waits is offered to `onFirst`. */
const queuesOf = (onFirst: (seat: Seat) => void) => {
  const queues = new Map<string, Seat[]>()
  const offer = (seat: Seat): void => {
    if (seat.state === 'waiting' && queues.get(seat.lane)?.[0] === seat) onFirst(seat)
  }
  return {
    offer,
    add(seat: Seat): void {
      const queue = queues.get(seat.lane)
      if (queue === undefined) queues.set(seat.lane, [seat])
      else queue.push(seat)
    },
    remove(seat: Seat): void {
      const queue = queues.get(seat.lane) ?? []
      queue.splice(queue.indexOf(seat), 1)
      if (queue[0] === undefined) queues.delete(seat.lane)
      else offer(queue[0])
    },
    all: (): readonly Seat[] => [...queues.values()].flat(),
  }
}

export const lanes = (limit: number): Lanes => {
  const space = room<Seat>(limit, enterNow)
  const queues = queuesOf(space.offer)
  let size = 0
  let closed = false

  const leave = (seat: Seat): void => {
    if (seat.state === 'left') return
    if (seat.state === 'waiting') seat.settle?.(false)
    seat.state = 'left'
    size--
    space.remove(seat)
    queues.remove(seat)
  }
  const enter = (seat: Seat): Promise<boolean> => {
    if (closed) leave(seat)
    if (seat.state === 'left') return Promise.resolve(false)
    seat.state = 'waiting'
    return new Promise((resolve) => {
      seat.settle = resolve
      queues.offer(seat)
    })
  }
  return {
    take(lane) {
      const seat: Seat = { lane, state: 'taken' }
      queues.add(seat)
      size++
      return { enter: () => enter(seat), leave: () => leave(seat) }
    },
    get size() {
      return size
    },
    close() {
      closed = true
      const waiting = queues.all().filter((seat) => seat.state === 'waiting')
      // From the back, so that none is let in by the leaving of the one before it.
      for (const seat of waiting.toReversed()) leave(seat)
    },
  }
}
