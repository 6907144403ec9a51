import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { inRanges, plainAddress } from './addresses.ts'

/** From which address a request comes; empty on the admin socket. */
export type PeerOf = (request: IncomingMessage) => string

/** `[2001:db8::1]:4711` and `192.0.2.1:4711` are written by some proxies. */
const withoutPort = (hop: string): string => {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/.exec(hop) ?? []
  return bracketed ?? plain ?? hop
}

/**
 * The address of the socket; where that is a trusted proxy, the last hop of `X-Forwarded-For` that is none. What stands before
 * it anyone may have written.
 */
export const peerOf = (trustedProxies: readonly string[]): PeerOf => {
  const isTrusted = inRanges(trustedProxies)
  return ({ socket, headers }) => {
    let peer = plainAddress(socket.remoteAddress ?? '')
    const forwarded = headers['x-forwarded-for']
    if (typeof forwarded !== 'string' || !isTrusted(peer)) return peer
    for (const hop of forwarded.split(',').toReversed()) {
      const address = plainAddress(withoutPort(hop.trim()))
      if (isIP(address) === 0) return peer
      peer = address
      if (!isTrusted(peer)) return peer
    }
    return peer
  }
}
