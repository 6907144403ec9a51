import { AppError, AuthError, type DeviceRecord, type OpenedSession } from '@covent/core'
import type { Chain } from '../../http/chain.ts'
import type { Exchange } from '../../http/exchange.ts'
import { checkTrustworthy } from '../../identity/session-cookie.ts'

const anonymous = { kind: 'principal', id: 'anonymous' } as const

/** Runs what a device has to prove itself for, under the origin of the request; a failure is counted against its peer and audited. */
export const proving = (chain: Chain, exchange: Exchange, action: string) => {
  const { deps, rates, ownOrigin, peerOf } = chain
  const failed = async (error: unknown): Promise<never> => {
    if (!AppError.is(error) || error.status === 400) throw error
    await rates.failed(exchange)
    const peer = peerOf(exchange.request)
    deps.events.emit('security.auth.failed', { reason: error.code, ...(peer !== '' && { peer }) })
    deps.audit.note({ actor: anonymous, action, outcome: 'denied', code: error.code, data: { peer } })
    throw error
  }
  return async <T extends DeviceRecord | OpenedSession>(
    attempt: (origin: string) => Promise<T>,
  ): Promise<T> => {
    const own = ownOrigin(exchange.request)
    checkTrustworthy(own)
    const { origin } = exchange.request.headers
    if (origin !== undefined && origin !== own.origin)
      throw new AuthError('auth.proof-invalid', `Pages of ${own.origin} alone sign in here.`)
    const made = await attempt(own.origin).catch(failed)
    const actor = { kind: 'principal', id: 'deviceId' in made ? made.deviceId : made.id } as const
    await deps.audit.record({ actor, action, target: made.id, outcome: 'allowed' })
    return made
  }
}
