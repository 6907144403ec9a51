import { type EgressGrant, EgressError } from '@covent/core'
import { defaultPort, type Target } from './target.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const pattern = /^((?:\*\.)?[a-z0-9._-]+)(?::(\d{1,5}))?$/

/** True where the granted name, exact or a wildcard, is that of the host. */
export const matchesName = (wanted: string, host: string): boolean => {
  if (!wanted.startsWith('*.')) return wanted === host
  const dot = host.indexOf('.')
  return dot > 0 && host.slice(dot) === wanted.slice(1)
}

/** True where `host[:port]` covers the target. A malformed one covers nothing. */
export const covers = (granted: string, { scheme, host, port }: Target): boolean => {
  const [, name, grantedPort] = pattern.exec(granted) ?? []
  if (name === undefined) return false
  return matchesName(name, host) && port === Number(grantedPort ?? defaultPort[scheme])
}

const placeOf = ({ scheme, host, port }: Target): string =>
  `${scheme}://${host}${port === defaultPort[scheme] ? '' : `:${port}`}`

/** Throws unless one of the grants lets this method go to this place. */
export const checkGranted = (grants: readonly EgressGrant[], target: Target, method: string): void => {
  const { scheme, host, port } = target
  const data = { scheme, host, port, method }
  if (!methods.includes(method))
    throw new EgressError('egress.method-refused', `${method} is none of ${methods.join(', ')}`, { data })
  const found = grants.filter((grant) => grant.scheme === scheme && covers(grant.host, target))
  if (found.length === 0)
    throw new EgressError('egress.host-refused', `${placeOf(target)} is not granted`, { data })
  if (found.some((grant) => (grant.methods ?? methods).includes(method))) return
  throw new EgressError('egress.method-refused', `${method} to ${placeOf(target)} is not granted`, { data })
}
