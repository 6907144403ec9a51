import { AuthError, localPrincipal, type Principal } from '@covent/core'
import { checkOwnPage } from '../identity/session-cookie.ts'
import type { Chain } from './chain.ts'
import type { Exchange } from './exchange.ts'
import { occasionally } from './occasionally.ts'

/** A key that came in a header. */
export const credentialOf = ({ request }: Exchange): string | undefined => {
  const { authorization } = request.headers
  if (authorization !== undefined) return /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? ''
  const token = request.headers['x-covent-token']
  return typeof token === 'string' ? token : undefined
}

/** What a ticket in the URL stands for, on routes that take one. */
const ticketOf = ({ deps }: Chain, { request, route }: Exchange): string | undefined => {
  if (route?.ticket !== true) return undefined
  const [path, query = ''] = (request.url ?? '').split('?', 2)
  const given = new URLSearchParams(query).getAll('ticket')
  if (given.length === 0) return undefined
  return (given.length === 1 && deps.tickets.redeem(given[0]!, path!)) || ''
}

const signIn = {
  actor: { kind: 'principal', id: 'anonymous' },
  action: 'auth.sign-in',
  outcome: 'denied',
} as const

const quietMs = 60_000
/** A key has no sign-in of its own: its first use within an hour stands for it. */
const signInMs = 3_600_000

/** Whose request it is; throws where no valid credential says so. The admin socket needs none. */
export type Authenticate = (exchange: Exchange) => Promise<Principal> | Principal

export const authenticate = (chain: Chain): Authenticate => {
  const { deps, rates, peerOf, ownOrigin, cookie } = chain
  // A busy key must not flood the bus.
  const isNews = occasionally(deps.clock, quietMs)
  const isSignIn = occasionally(deps.clock, signInMs)
  const peerField = ({ request }: Exchange) => {
    const peer = peerOf(request)
    return peer === '' ? {} : { peer }
  }
  const refuse = async (exchange: Exchange, reason: 'missing' | 'invalid'): Promise<never> => {
    deps.events.emit('security.auth.failed', { reason, ...peerField(exchange) })
    await rates.failed(exchange)
    deps.audit.note({ ...signIn, code: `auth.credential-${reason}`, data: peerField(exchange) })
    if (reason === 'missing')
      throw new AuthError('auth.credential-missing', 'This needs a key: send Authorization: Bearer <key>.')
    throw new AuthError('auth.credential-invalid', 'The key or session is not valid: wrong, over or revoked.')
  }
  const check = async (exchange: Exchange, credential: string): Promise<Principal> => {
    const principal = await deps.authenticator.authenticate(credential)
    if (principal === undefined) return refuse(exchange, 'invalid')
    exchange.isStillValid = async () => (await deps.authenticator.authenticate(credential)) !== undefined
    if (isNews(principal.id))
      deps.events.emit('security.auth.succeeded', { principalId: principal.id, ...peerField(exchange) })
    if (isSignIn(principal.id)) {
      const actor = { kind: 'principal', id: principal.id } as const
      deps.audit.note({ ...signIn, actor, outcome: 'allowed', data: peerField(exchange) })
    }
    return principal
  }
  const checkSession = async (exchange: Exchange, token: string): Promise<Principal> => {
    checkOwnPage(exchange.request, ownOrigin(exchange.request))
    const found = await deps.sessions.find(token)
    if (found === undefined) return refuse(exchange, 'invalid')
    exchange.session = found.session
    exchange.isStillValid = async () => (await deps.sessions.find(token)) !== undefined
    return found.principal
  }
  return (exchange) => {
    const credential = credentialOf(exchange) ?? ticketOf(chain, exchange)
    if (credential !== undefined) return check(exchange, credential)
    if (exchange.local) return localPrincipal
    const token = cookie().read(exchange.request)
    return token === undefined ? refuse(exchange, 'missing') : checkSession(exchange, token)
  }
}
