import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import type { Chain } from '../http/chain.ts'

/** The part of the grace in which work in flight may end by itself, and the part after which it is cut. */
const shares = { undisturbed: 0.8, cut: 0.95 }

/**
 * Takes no new connection. Not by the HTTP server's own `close`: that takes a connection for idle as soon as its answer
 * is written, and destroys it while a slow reader still waits for the rest.
 */
const closeDoor = (server: Server): Promise<void> =>
  new Promise((resolve) => void NetServer.prototype.close.call(server, () => resolve()))

/** Destroys what is left, idle connections among it; `close` ends the server's own watch over them. */
const cut = (server: Server): void => {
  server.closeAllConnections()
  server.close(() => undefined)
}

/**
 * Ends the servers within the grace: no new connections, what is in flight may finish, then streams are told to end,
 * then what is left is cut.
 */
export const drain = async (
  chain: Chain,
  ending: AbortController,
  servers: readonly Server[],
): Promise<void> => {
  const { settings, inFlight, deps } = chain
  const closed = servers.map(closeDoor)
  inFlight.closeAfterwards()
  const within = async (share: number): Promise<void> => {
    const timer = new AbortController()
    const pause = deps.clock.sleep(settings.shutdownGraceMs * share, timer.signal).catch(() => undefined)
    await Promise.race([inFlight.idle(), pause])
    timer.abort()
  }
  await within(shares.undisturbed)
  ending.abort()
  await within(shares.cut - shares.undisturbed)
  for (const server of servers) cut(server)
  await Promise.all(closed)
}
