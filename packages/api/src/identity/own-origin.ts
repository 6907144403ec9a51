import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../http/gate/hosts.ts'
import { inRanges, plainAddress } from '../limits/addresses.ts'

/** How a browser names this server, by that request. */
export interface OwnOrigin {
  readonly origin: string
  /** Whether a browser keeps secrets for it: HTTPS, or an address of the same machine. */
  readonly isTrustworthy: boolean
}

const portless = /^\[?([^\]]+?)\]?(?::\d+)?$/

/** The origin of a request: the scheme is what a trusted proxy says of it, and plain HTTP elsewhere. */
export const ownOrigin = (trustedProxies: readonly string[]): ((request: IncomingMessage) => OwnOrigin) => {
  const isProxy = inRanges(trustedProxies)
  return ({ headers, socket }) => {
    const isHttps =
      headers['x-forwarded-proto'] === 'https' && isProxy(plainAddress(socket.remoteAddress ?? ''))
    const host = (headers.host ?? '').toLowerCase()
    return {
      origin: `${isHttps ? 'https' : 'http'}://${host}`,
      isTrustworthy: isHttps || isLoopback(portless.exec(host)?.[1] ?? ''),
    }
  }
}
