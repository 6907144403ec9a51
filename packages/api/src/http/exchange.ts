import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Principal, SessionRecord } from '@covent/core'
import type { Counted } from '../limits/rate-gate.ts'
import type { Route } from './route.ts'

/** One request and its answer, from the first header to the log line. Express carries it as `res.locals`. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  /** Whether it came through the admin socket. */
  readonly local: boolean
  readonly startedMs: number
  /** An origin of `http.cors` whose page sent it. */
  readonly corsOrigin: string | undefined
  principal: Principal | undefined
  /** By which it came in, where that was a session. */
  session: SessionRecord | undefined
  /** Whether that by which it came in is valid still; absent where nothing can end it. */
  isStillValid: (() => Promise<boolean>) | undefined
  /** The route that it matched. */
  route: Route | undefined
  /** What was counted of it, for its headers. */
  rate: Counted | undefined
  /** Of the answer's body. */
  bytes: number
}

export const exchangeOf = (response: object): Exchange => (response as { readonly locals: Exchange }).locals
