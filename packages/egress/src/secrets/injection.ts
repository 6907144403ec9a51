import { type EgressSecret, EgressError } from '@covent/core'
import { covers } from '../grants.ts'
import { checkedHeaders } from '../headers.ts'
import type { Target } from '../target.ts'

/** The secrets that this place gets. In clear text they travel in private networks only. */
export const secretsFor = (
  secrets: readonly EgressSecret[],
  target: Target,
  isPrivate: boolean,
): readonly EgressSecret[] =>
  target.scheme === 'http' && !isPrivate
    ? []
    : secrets.filter(({ hosts }) => hosts.some((host) => covers(host, target)))

/** Headers with the secrets in them, which win over what the caller put there. */
export const withSecrets = (
  headers: Readonly<Record<string, string>>,
  secrets: readonly EgressSecret[],
): Readonly<Record<string, string>> => {
  if (secrets.length === 0) return headers
  // A server that reflects its request could be made to hand the secret out in pieces, each too short to be known.
  if ('range' in headers || 'if-range' in headers)
    throw new EgressError('egress.header-refused', 'a request that carries a secret may ask for no range')
  const injected = secrets.map(({ header, format, value }) => [
    header,
    format.replaceAll('{value}', () => value),
  ])
  const outgoing = { ...headers, ...checkedHeaders(Object.fromEntries(injected)) }
  for (const secret of secrets) secret.used?.()
  return outgoing
}
