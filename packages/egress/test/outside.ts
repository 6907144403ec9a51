import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type Clock, type Egress, type EgressPolicy, type EgressRequest, systemClock } from '@covent/core'
import { onTestFinished } from 'vitest'
import { guardedFetch } from '../src/index.ts'

export interface Outside {
  readonly port: number
  /** What arrived. */
  readonly requests: readonly IncomingMessage[]
  /** Connections that were opened. */
  connections(): number
}

export const fixture = (name: string): string =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')

const listen = async (server: Server, requests: IncomingMessage[]): Promise<Outside> => {
  let connections = 0
  server.on('request', (request: IncomingMessage) => void requests.push(request))
  server.on('connection', () => void connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, requests, connections: () => connections }
}

/** A server on loopback that stands for one somewhere else. */
export const outside = (answer: RequestListener = (_, response) => response.end('hello')): Promise<Outside> =>
  listen(createServer(answer), [])

/** As `outside`, for `https://api.example.test` alone. */
export const outsideTls = (answer: RequestListener): Promise<Outside> => {
  const pair = { key: fixture('test-only.key.pem'), cert: fixture('test-only.cert.pem') }
  return listen(createTlsServer(pair, answer), [])
}

export interface GuardOptions {
  readonly resolve?: (host: string) => Promise<readonly string[]>
  readonly clock?: Clock
  readonly ca?: string
}

/** A guarded fetch for which every name stands for loopback. */
export const guard = ({ resolve, clock = systemClock, ca }: GuardOptions = {}): Egress => {
  const egress = guardedFetch({
    clock,
    resolve: resolve ?? (async () => ['127.0.0.1']),
    ...(ca !== undefined && { ca }),
  })
  onTestFinished(() => egress.stop?.())
  return egress
}

/** Lets a caller reach those hosts over plain HTTP, private addresses included. */
export const toHosts = (hosts: readonly string[], more: Partial<EgressPolicy> = {}): EgressPolicy => ({
  caller: 'acme.test',
  grants: hosts.map((host) => ({ scheme: 'http', host })),
  allowPrivate: true,
  ...more,
})

/** The code with which a request is refused, or its status. */
export const outcome = async (
  egress: Egress,
  request: EgressRequest,
  policy: EgressPolicy,
): Promise<string | number | undefined> =>
  egress.fetch(request, policy).then(
    ({ status }) => status,
    (error: unknown) => (error as { readonly code?: string }).code,
  )

export const textOf = ({ body }: { readonly body: Uint8Array }): string => Buffer.from(body).toString()
