import { type Token, token } from '../token.ts'

/** A place that a caller may reach. */
export interface EgressGrant {
  /** `wss` is for `connect`, the others are for `fetch`. */
  readonly scheme: 'https' | 'http' | 'wss'
  /** `host[:port]`; the host is exact, or `*.` and a domain for any one label before it. Without a port: 443 or 80. */
  readonly host: string
  /** All of GET, HEAD, POST, PUT, PATCH and DELETE, when absent. */
  readonly methods?: readonly string[]
}

/** A secret that goes out in a header, which its caller never sees. */
export interface EgressSecret {
  readonly header: string
  /** Holds `{value}`: `Bearer {value}`. */
  readonly format: string
  /** As `EgressGrant.host`: no other place gets it. */
  readonly hosts: readonly string[]
  readonly value: string
  /** Told each time that it goes out. */
  used?(): void
}

export interface EgressLimits {
  readonly requestBytes: number
  /** After decoding. */
  readonly responseBytes: number
  /** From the call to the last byte, redirects and waiting included. */
  readonly timeoutMs: number
  /** Requests of this caller under way at once. */
  readonly concurrency: number
  /** Connections of this caller open at once. */
  readonly sockets: number
  /** One message of a connection, either way. */
  readonly messageBytes: number
  /** Both ways together; what is over it waits. */
  readonly bytesPerSecond: number
}

/** What one caller may do. The host makes it; nothing in it comes from the one who asks. */
export interface EgressPolicy {
  /** As whom limits are counted and connections kept. */
  readonly caller: string
  readonly grants: readonly EgressGrant[]
  /** Lets granted names resolve to loopback and private addresses. Metadata services are refused all the same. */
  readonly allowPrivate?: boolean
  readonly secrets?: readonly EgressSecret[]
  readonly limits?: Partial<EgressLimits>
}

export interface EgressRequest {
  readonly url: string
  /** GET when absent. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly signal?: AbortSignal
}

export interface EgressResponse {
  /** Of the last hop. */
  readonly url: string
  readonly status: number
  /** Names in lower case; the values of a name joined by a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** Decoded, whole, secrets masked. */
  readonly body: Uint8Array
}

export interface EgressConnection {
  /** `wss://host[:port]/path`. */
  readonly url: string
  /** Subprotocols that the caller speaks. */
  readonly protocols?: readonly string[]
  /** Ends the connection, at any time. */
  readonly signal: AbortSignal
}

/** Text or bytes. */
export type EgressMessage = string | Uint8Array

/** An open WebSocket. Nothing is read from the network faster than it is received from here. */
export interface EgressSocket {
  /** The subprotocol that the other side chose; empty where it chose none. */
  readonly protocol: string
  /** Resolves when the network has taken the message, which waits for the caller's rate. */
  send(message: EgressMessage): Promise<void>
  /** Waits for the next messages, secrets masked; none when the connection is closed. One call at a time. */
  receive(): Promise<readonly EgressMessage[]>
  close(): void
}

/** What one caller may look up. */
export interface NamePolicy {
  readonly caller: string
  /** Exact, or `*.` and a domain for any one label before it. */
  readonly names: readonly string[]
  /** Tells loopback and private addresses, too. */
  readonly allowPrivate?: boolean
}

/** The one way out over HTTP and WebSocket. */
export interface Egress {
  /** Follows redirects, each checked like a first request. Throws `EgressError`; any HTTP status is an answer. */
  fetch(request: EgressRequest, policy: EgressPolicy): Promise<EgressResponse>
  /** Opens a WebSocket, under the same checks; a redirect is a refusal. Throws `EgressError`. */
  connect(connection: EgressConnection, policy: EgressPolicy): Promise<EgressSocket>
  /** Addresses of a granted name; a few in a second. Throws `EgressError`, also where one of them is closed to the caller. */
  resolve(name: string, policy: NamePolicy): Promise<readonly string[]>
}
export const Egress: Token<Egress> = token('Egress')
