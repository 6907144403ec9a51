import { AuthError, localPrincipal, type Principal } from '@covent/core'
import type { Chain } from './chain.ts'
import type { Exchange } from './exchange.ts'
import { occasionally } from './occasionally.ts'

const credentialOf = ({ request }: Exchange): string | undefined => {
  const { authorization } = request.headers
  if (authorization !== undefined) return /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? ''
  const token = request.headers['x-covent-token']
  return typeof token === 'string' ? token : undefined
}

const quietMs = 60_000

/** Whose request it is; throws where no valid credential says so. The admin socket needs none. */
export type Authenticate = (exchange: Exchange) => Promise<Principal> | Principal

export const authenticate = ({ deps, rates, peerOf }: Chain): Authenticate => {
  // A busy key must not flood the bus.
  const isNews = occasionally(deps.clock, quietMs)
  const peerField = ({ request }: Exchange) => {
    const peer = peerOf(request)
    return peer === '' ? {} : { peer }
  }
  const refuse = async (exchange: Exchange, reason: 'missing' | 'invalid'): Promise<never> => {
    deps.events.emit('security.auth.failed', { reason, ...peerField(exchange) })
    await rates.failed(exchange)
    if (reason === 'missing')
      throw new AuthError('auth.credential-missing', 'This needs a key: send Authorization: Bearer <key>.')
    throw new AuthError('auth.credential-invalid', 'The key is not valid: wrong, expired or revoked.')
  }
  const check = async (exchange: Exchange, credential: string): Promise<Principal> => {
    const principal = await deps.authenticator.authenticate(credential)
    if (principal === undefined) return refuse(exchange, 'invalid')
    if (isNews(principal.id))
      deps.events.emit('security.auth.succeeded', { principalId: principal.id, ...peerField(exchange) })
    return principal
  }
  return (exchange) => {
    const credential = credentialOf(exchange)
    if (credential !== undefined) return check(exchange, credential)
    return exchange.local ? localPrincipal : refuse(exchange, 'missing')
  }
}
