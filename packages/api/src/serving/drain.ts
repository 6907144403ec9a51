import type { Server } from 'node:http'
import type { Chain } from '../http/chain.ts'

/** The part of the grace in which work in flight may end by itself, and the part after which it is cut. */
const shares = { undisturbed: 0.8, cut: 0.95 }

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
  const closed = servers.map((server) => new Promise<void>((resolve) => void server.close(() => resolve())))
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
  for (const server of servers) server.closeIdleConnections()
  await new Promise((resolve) => setImmediate(resolve))
  for (const server of servers) server.closeAllConnections()
  await Promise.all(closed)
}
