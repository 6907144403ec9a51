import type { AtHost, HostsOf } from './http.ts'

export interface WebSocketOptions {
  /** Subprotocols that the plugin speaks. */
  readonly protocols?: readonly string[]
}

/** Open until it is closed, or the call ends that opened it. */
export interface WebSocketConnection {
  /** The subprotocol that the other side chose; empty where it chose none. */
  readonly protocol: string
  /** Up to 1 MiB. Resolves when the network has taken it. */
  send(message: string | Uint8Array): Promise<void>
  /** Messages in their order, each up to 1 MiB, until the connection is closed; to be read once. What is not read is not fetched. */
  readonly messages: AsyncIterable<string | Uint8Array>
  close(): Promise<void>
}

/**
 * WebSockets that the host opens on the plugin's behalf, over `wss` only, four at a time. Refusals and failures reject with
 * an error whose `code` is `plugin.permission-denied` or begins with `egress.`.
 */
export interface WebSockets<Url extends string> {
  connect(url: Url, options?: WebSocketOptions): Promise<WebSocketConnection>
}

/** The URLs that the permissions `P` cover. */
export type SocketUrlsOf<P> = AtHost<'wss', HostsOf<P, 'net:outbound:websocket'>>
