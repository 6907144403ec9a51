import type { RequestListener, Server, ServerOptions } from 'node:http'
import type { ListenOptions } from 'node:net'
import type { Chain } from '../http/chain.ts'
import { builtinHttp } from './builtin-http.ts'
import { clientErrors } from './client-error.ts'

const slowestCheckMs = 5000

const options = ({ headersTimeoutMs, requestTimeoutMs }: Chain['settings']): ServerOptions => ({
  headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
  requestTimeout: requestTimeoutMs,
  connectionsCheckingInterval: Math.min(slowestCheckMs, Math.ceil(headersTimeoutMs / 4)),
  maxHeaderSize: 16_384,
  requireHostHeader: false,
  insecureHTTPParser: false,
  joinDuplicateHeaders: false,
})

/** A server of Node's own parser, strict and with deadlines; `requireHostHeader` and odd transfer codings are the gate's. */
export const httpServer = (chain: Chain, listener: RequestListener): Server =>
  builtinHttp()
    .createServer(options(chain.settings), listener)
    // An expectation that Node does not know gets its bare 417 otherwise; RFC 9110 lets us pass over it.
    .on('checkExpectation', listener)
    .on('clientError', clientErrors(chain))

/** Resolves once it listens; rejects where it cannot. */
export const listen = (server: Server, place: ListenOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(place, () => {
      server.off('error', reject)
      resolve()
    })
  })
