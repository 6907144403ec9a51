import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Exchange, exchangeOf } from './exchange.ts'

/** Requests whose answer has not left yet. */
export interface InFlight {
  /** Counts a request until its answer has gone out, or its connection is closed. */
  add(exchange: Exchange): void
  /** Whether that socket carries an answer that has begun. */
  answering(socket: Socket): boolean
  /** Has answers that have not begun say `Connection: close`. */
  closeAfterwards(): void
  /** Resolves when none is left. */
  idle(): Promise<void>
}

/** Kept by socket: of answers that wait behind another one, Node does not say when their connection is closed. */
export const inFlight = (): InFlight => {
  const open = new Map<Socket, Set<Exchange>>()
  let count = 0
  let wake: (() => void)[] = []
  const lower = (by: number): void => {
    count -= by
    if (count > 0 || wake.length === 0) return
    for (const resolve of wake) resolve()
    wake = []
  }
  function left(this: ServerResponse): void {
    const exchange = exchangeOf(this)
    if (open.get(exchange.request.socket)?.delete(exchange) === true) lower(1)
  }
  const enter = (socket: Socket): Set<Exchange> => {
    const exchanges = new Set<Exchange>()
    open.set(socket, exchanges)
    socket.once('close', () => {
      open.delete(socket)
      lower(exchanges.size)
      exchanges.clear()
    })
    return exchanges
  }
  return {
    add(exchange) {
      const { socket } = exchange.request
      if (socket.destroyed) return
      const exchanges = open.get(socket) ?? enter(socket)
      exchanges.add(exchange)
      count++
      exchange.response.on('close', left)
    },
    answering: (socket) => [...(open.get(socket) ?? [])].some(({ response }) => response.headersSent),
    closeAfterwards() {
      for (const exchanges of open.values())
        for (const { response } of exchanges) if (!response.headersSent) response.shouldKeepAlive = false
    },
    idle: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => wake.push(resolve))),
  }
}
