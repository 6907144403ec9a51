import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { isIP, type LookupFunction } from 'node:net'
import { builtinHttp } from './builtin-http.ts'
import type { Caller } from './caller.ts'
import type { Target } from './target.ts'

/** One request to one checked place. */
export interface Hop {
  readonly target: Target & { readonly scheme: 'https' | 'http' }
  readonly addresses: readonly string[]
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  readonly caller: Caller
  readonly signal: AbortSignal
}

const headerCapBytes = 16_384
const repeatable = ['GET', 'HEAD']

/** Answers with the checked addresses whatever it is asked: nothing is resolved a second time. */
export const pinned = (addresses: readonly string[]): LookupFunction => {
  const found = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_host, options, done) =>
    options.all === true ? done(null, found) : done(null, found[0]!.address, found[0]!.family)
}

const optionsOf = ({ target, addresses, method, headers, caller, signal, body }: Hop): RequestOptions => ({
  protocol: target.url.protocol,
  hostname: target.host,
  port: target.port,
  path: `${target.url.pathname}${target.url.search}`,
  method,
  headers: {
    'user-agent': 'covent',
    ...headers,
    'accept-encoding': 'gzip, deflate, br',
    ...(body !== undefined && { 'content-length': String(body.byteLength) }),
  },
  agent: caller.agent(target.scheme),
  lookup: pinned(addresses),
  maxHeaderSize: headerCapBytes,
  signal,
})

const open = (hop: Hop): ClientRequest => builtinHttp[hop.target.scheme]().request(optionsOf(hop))

const isStale = (request: ClientRequest, { method }: Hop, error: NodeJS.ErrnoException): boolean =>
  request.reusedSocket && error.code === 'ECONNRESET' && repeatable.includes(method)

/** Sends a request over HTTP/1.1 and resolves with the head of the answer. The name stands in SNI, certificate check and Host. */
export const exchange = (hop: Hop): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const request = open(hop)
    request.once('response', resolve)
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The other side closed a kept connection while the request was on its way: nothing was done there.
      if (isStale(request, hop, error) && !hop.signal.aborted) resolve(exchange(hop))
      else reject(error)
    })
    request.end(hop.body)
  })
