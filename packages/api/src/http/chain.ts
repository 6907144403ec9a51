import type { IncomingMessage } from 'node:http'
import type { ApiDeps, ApiSettings } from '../api-deps.ts'
import type { OwnOrigin } from '../identity/own-origin.ts'
import type { SessionCookie } from '../identity/session-cookie.ts'
import type { FairShare } from '../limits/fair-share.ts'
import type { PeerOf } from '../limits/peer.ts'
import type { RateGate } from '../limits/rate-gate.ts'
import type { HostGuard } from './gate/hosts.ts'
import type { InFlight } from './in-flight.ts'

/** What every request passes through. */
export interface Chain {
  readonly deps: ApiDeps
  readonly settings: ApiSettings
  readonly hosts: HostGuard
  readonly inFlight: InFlight
  readonly peerOf: PeerOf
  readonly ownOrigin: (request: IncomingMessage) => OwnOrigin
  /** There once the server has started. */
  readonly cookie: () => SessionCookie
  readonly rates: RateGate
  /** Places for requests under way, by principal. */
  readonly room: FairShare
  /** Whether a shutdown has begun. */
  readonly draining: () => boolean
  /** Aborted when a shutdown's grace is nearly over: streams end with an event, waiting requests with 503. */
  readonly ending: AbortSignal
}
