import type { Exchange } from './exchange.ts'

/** Requests that have come and are not answered yet. */
export interface InFlight {
  add(exchange: Exchange): void
  remove(exchange: Exchange): void
  /** Whether that socket carries an answer that has begun. */
  answering(socket: unknown): boolean
  /** Has answers that have not begun say `Connection: close`. */
  closeAfterwards(): void
  /** Resolves when none is left. */
  idle(): Promise<void>
}

export const inFlight = (): InFlight => {
  const open = new Set<Exchange>()
  let wake: (() => void)[] = []
  return {
    add: (exchange) => void open.add(exchange),
    remove(exchange) {
      open.delete(exchange)
      if (open.size > 0 || wake.length === 0) return
      for (const resolve of wake) resolve()
      wake = []
    },
    answering: (socket) =>
      [...open].some(({ request, response }) => request.socket === socket && response.headersSent),
    closeAfterwards() {
      for (const { response } of open) if (!response.headersSent) response.shouldKeepAlive = false
    },
    idle: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => wake.push(resolve))),
  }
}
