import { limitExceeded, type Principal, type RateLimits, type RatePolicy, type Verdict } from '@covent/core'
import type { Exchange } from '../http/exchange.ts'
import type { Route } from '../http/route.ts'
import { inRanges, peerKey } from './addresses.ts'
import { type Limit, limitTable, type RateSettings } from './limit-table.ts'
import type { PeerOf } from './peer.ts'

/** What was counted for a request, for its headers. */
export interface Counted {
  readonly policy: RatePolicy
  readonly verdict: Verdict
}

type Waiting = Promise<void> | undefined

export interface RateGate {
  /** Counts a request. Throws `limit.exceeded` where it is one too many. */
  admit(exchange: Exchange, route: Route, principal?: Principal): Waiting
  /** Counts a credential that is not valid against its peer; a valid one is never asked about that. */
  failed(exchange: Exchange): Waiting
}

export interface RateGateParts {
  readonly limits: RateLimits
  readonly settings: RateSettings
  readonly peerOf: PeerOf
  /** Tells of a refusal. */
  exceeded(policy: RatePolicy, key: string): void
}

const open: RateGate = { admit: () => undefined, failed: () => undefined }

type Count = (exchange: Exchange, key: string, limit: Limit) => Waiting

/** Counts at once where the limiter answers at once. */
const counting = (exceeded: RateGateParts['exceeded']): Count => {
  const judge = (exchange: Exchange, key: string, counted: Counted): void => {
    // What is left of the request's own limit is told, unless another one refuses.
    if (exchange.rate === undefined || !counted.verdict.allowed) exchange.rate = counted
    if (counted.verdict.allowed) return
    exceeded(counted.policy, key)
    throw limitExceeded(counted.policy, counted.verdict)
  }
  return (exchange, key, { policy, limiter }) => {
    const verdict = limiter.consume(key)
    if (verdict instanceof Promise)
      return verdict.then((late) => judge(exchange, key, { policy, verdict: late }))
    judge(exchange, key, { policy, verdict })
    return undefined
  }
}

export const rateGate = ({ limits, settings, peerOf, exceeded }: RateGateParts): RateGate => {
  if (!settings.enabled) return open
  const table = limitTable(limits, settings)
  const count = counting(exceeded)
  const isExempt = inRanges(settings.exempt)
  const isFree = ({ local, request }: Exchange): boolean => local || isExempt(peerOf(request))
  const peer = ({ request }: Exchange): string => `peer:${peerKey(peerOf(request))}`
  return {
    admit(exchange, route, principal) {
      const limit = table.of(route)
      if (limit === undefined || isFree(exchange)) return undefined
      const own = count(
        exchange,
        principal === undefined ? peer(exchange) : `principal:${principal.id}`,
        limit,
      )
      const { global } = table
      if (global === undefined) return own
      const all = (): Waiting => count(exchange, 'all', global)
      return own === undefined ? all() : own.then(all)
    },
    failed: (exchange) => (isFree(exchange) ? undefined : count(exchange, peer(exchange), table.failures)),
  }
}
