import { type Token, token } from '../token.ts'
import type { Principal } from './principal.ts'

export interface Authenticator {
  /** Whose credential this is; undefined where it is not valid (wrong, expired, revoked) — the reasons look alike. */
  authenticate(credential: string): Promise<Principal | undefined>
}
export const Authenticator: Token<Authenticator> = token('Authenticator')

export interface Ticket {
  readonly ticket: string
  /** Milliseconds of the clock. */
  readonly expiresAt: number
}

/** Stand for a credential in a URL, where a browser can send no header: event streams and WebSockets. */
export interface Tickets {
  /** For one path, once, for thirty seconds. */
  make(credential: string, path: string): Ticket
  /** The credential, which must be asked about as always; undefined for a ticket that is wrong, used or over. */
  redeem(ticket: string, path: string): string | undefined
}
export const Tickets: Token<Tickets> = token('Tickets')
