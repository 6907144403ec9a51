import type { IncomingMessage } from 'node:http'
import { ClientError } from '@covent/core'
import type { HostGuard } from './hosts.ts'

const longestUrl = 4096
/** Segments of unreserved characters. Nothing in our paths needs an escape, so `%2f`, `%2e` and the like have no second reading. */
const canonical = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~:@-]+)*\/?$/

const pathOf = (url: string): string => {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

interface Seen {
  readonly hosts: number
  readonly host: string
  readonly origins: number
  readonly origin: string
}

/** Reads the raw list: Node's parsed headers show one Host also where two were sent. */
const hostAndOrigin = (raw: readonly string[]): Seen => {
  let hosts = 0
  let host = ''
  let origins = 0
  let origin = ''
  for (let n = 0; n < raw.length; n += 2) {
    const name = raw[n]!
    if (name.length === 4 && name.toLowerCase() === 'host') {
      hosts++
      host = raw[n + 1]!
    } else if (name.length === 6 && name.toLowerCase() === 'origin') {
      origins++
      origin = raw[n + 1]!
    }
  }
  return { hosts, host, origins, origin }
}

const addressRefusal = (seen: Seen, guard: HostGuard): ClientError | undefined => {
  if (seen.hosts !== 1)
    return new ClientError('request.malformed', 'A request carries exactly one Host header.')
  if (!guard.allowsHost(seen.host))
    return new ClientError(
      'request.host-refused',
      'The Host header names another server; add its name to http.allowedHosts.',
    )
  if (seen.origins > 1 || (seen.origins === 1 && !guard.allowsOrigin(seen.origin, seen.host)))
    return new ClientError(
      'request.origin-refused',
      'The Origin is another one than that of this server; add it to http.cors.origins.',
    )
  return undefined
}

/** Node's parser takes any coding before a last `chunked`, which nobody here would undo; the rest it refuses itself. */
const isOddlyCoded = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined && /,\s*chunked$/i.test(headers['transfer-encoding'])

/** Why a request may not come in at all: asked before routing, credentials and body. */
export const gateRefusal = (request: IncomingMessage, guard: HostGuard): ClientError | undefined => {
  const refusal = addressRefusal(hostAndOrigin(request.rawHeaders), guard)
  if (refusal !== undefined) return refusal
  if (isOddlyCoded(request))
    return new ClientError('request.malformed', 'The one Transfer-Encoding is chunked.')
  const url = request.url ?? ''
  if (url.length > longestUrl)
    return new ClientError('request.url-too-long', `A URL has at most ${longestUrl} characters.`)
  if (!canonical.test(pathOf(url)) || url.includes('#'))
    return new ClientError(
      'request.path-refused',
      'The path is not canonical: no escapes, no // and no dot segments.',
    )
  return undefined
}
