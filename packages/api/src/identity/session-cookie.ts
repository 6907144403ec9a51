import type { IncomingMessage } from 'node:http'
import { AuthError, ClientError } from '@covent/core'
import type { OwnOrigin } from './own-origin.ts'

/** The cookie of a session. Its name carries the installation, since cookies ignore ports. */
export interface SessionCookie {
  /** The token that a request brings; undefined without one, or with several. */
  read(request: IncomingMessage): string | undefined
  /** A `Set-Cookie` header that sets it, or ends it where no token is given. */
  write(token?: string): readonly string[]
}

const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict'

export const sessionCookie = (instanceId: string): SessionCookie => {
  const start = `__Host-covent-${instanceId}=`
  return {
    read({ headers }) {
      const found = headers.cookie?.split('; ').filter((pair) => pair.startsWith(start)) ?? []
      return found.length === 1 ? found[0]!.slice(start.length) : undefined
    },
    write: (token) => [
      'Set-Cookie',
      `${start}${token ?? ''}; ${attributes}${token === undefined ? '; Max-Age=0' : ''}`,
    ],
  }
}

/** A browser adds cookies by itself, also where a page on another port of this machine asks: only our own pages may. */
export const checkOwnPage = ({ headers, method }: IncomingMessage, own: OwnOrigin): void => {
  const { origin, 'sec-fetch-site': site } = headers
  const isRead = method === 'GET' || method === 'HEAD'
  const isOurs = origin === undefined ? isRead : origin === own.origin
  if (isOurs && (site === undefined || site === 'same-origin' || site === 'none')) return
  throw new ClientError('request.origin-refused', `A session counts for pages of ${own.origin} alone.`)
}

/** Browsers keep a `__Host-` cookie for such origins only. */
export const checkTrustworthy = ({ origin, isTrustworthy }: OwnOrigin): void => {
  if (isTrustworthy) return
  throw new AuthError('auth.transport-insecure', `${origin} is neither HTTPS nor a loopback address.`)
}
