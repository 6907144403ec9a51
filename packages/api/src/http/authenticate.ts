import { AuthError, localPrincipal, type Principal } from '@covent/core'
import type { ApiDeps } from '../api-deps.ts'
import type { Exchange } from './exchange.ts'

const credentialOf = ({ request }: Exchange): string | undefined => {
  const { authorization } = request.headers
  if (authorization !== undefined) return /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? ''
  const token = request.headers['x-covent-token']
  return typeof token === 'string' ? token : undefined
}

const quietMs = 60_000
const mostRemembered = 10_000

/** Says each principal's success once a minute, so that a busy key does not flood the bus. */
const announcer = ({
  clock,
  events,
}: ApiDeps): ((principal: Principal, peer: string | undefined) => void) => {
  const said = new Map<string, number>()
  return (principal, peer) => {
    const now = clock.monotonic()
    const last = said.get(principal.id)
    if (last !== undefined && now - last < quietMs) return
    if (said.size >= mostRemembered) said.clear()
    said.set(principal.id, now)
    events.emit('security.auth.succeeded', { principalId: principal.id, ...(peer !== undefined && { peer }) })
  }
}

/** Whose request it is; throws where no valid credential says so. The admin socket needs none. */
export type Authenticate = (exchange: Exchange) => Promise<Principal> | Principal

export const authenticate = (deps: ApiDeps): Authenticate => {
  const announce = announcer(deps)
  const refuse = (exchange: Exchange, reason: 'missing' | 'invalid'): never => {
    const peer = exchange.request.socket.remoteAddress
    deps.events.emit('security.auth.failed', { reason, ...(peer !== undefined && { peer }) })
    if (reason === 'missing')
      throw new AuthError('auth.credential-missing', 'This needs a key: send Authorization: Bearer <key>.')
    throw new AuthError('auth.credential-invalid', 'The key is not valid: wrong, expired or revoked.')
  }
  const check = async (exchange: Exchange, credential: string): Promise<Principal> => {
    const principal = await deps.authenticator.authenticate(credential)
    if (principal === undefined) return refuse(exchange, 'invalid')
    announce(principal, exchange.request.socket.remoteAddress)
    return principal
  }
  return (exchange) => {
    const credential = credentialOf(exchange)
    if (credential !== undefined) return check(exchange, credential)
    return exchange.local ? localPrincipal : refuse(exchange, 'missing')
  }
}
