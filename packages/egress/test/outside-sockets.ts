import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { EgressPolicy, EgressSocket } from '@covent/core'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { fixture, guard, type GuardOptions } from './outside.ts'

export interface OutsideSockets {
  /** `wss://api.example.test:…`. */
  readonly url: string
  readonly host: string
  /** Connections that were accepted. */
  readonly sockets: readonly WebSocket[]
}

/** A server of WebSockets on loopback that stands for `wss://api.example.test`. */
export const outsideSockets = async (
  onSocket: (socket: WebSocket) => void = () => {},
  headers: (headers: NodeJS.Dict<string | string[]>) => void = () => {},
): Promise<OutsideSockets> => {
  const server = createTlsServer({
    key: fixture('test-only.key.pem'),
    cert: fixture('test-only.cert.pem'),
  })
  const sockets: WebSocket[] = []
  const socketServer = new WebSocketServer({ server, perMessageDeflate: true })
  socketServer.on('connection', (socket, request) => {
    headers(request.headers)
    sockets.push(socket)
    socket.on('error', () => {}) // the other side ends as it likes
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.terminate()
    socketServer.close()
    server.closeAllConnections()
    server.close()
  })
  const host = `api.example.test:${(server.address() as AddressInfo).port}`
  return { url: `wss://${host}/`, host, sockets }
}

export const toSockets = (host: string, more: Partial<EgressPolicy> = {}): EgressPolicy => ({
  caller: 'acme.test',
  grants: [{ scheme: 'wss', host }],
  allowPrivate: true,
  ...more,
})

export interface Connected {
  connect(url: string, policy: EgressPolicy, protocols?: readonly string[]): Promise<EgressSocket>
  /** The code with which a connection is refused; undefined where it is not. */
  refusal(url: string, policy: EgressPolicy): Promise<string | undefined>
  end(): void
}

/** The way out, for which every name stands for loopback, and the life of its connections. */
export const connector = (options: GuardOptions = {}): Connected => {
  const egress = guard({ ca: fixture('test-only.cert.pem'), ...options })
  const life = new AbortController()
  onTestFinished(() => life.abort())
  const connect: Connected['connect'] = (url, policy, protocols = []) =>
    egress.connect({ url, protocols, signal: life.signal }, policy)
  return {
    connect,
    refusal: (url, policy) =>
      connect(url, policy).then(
        () => undefined,
        (error: unknown) => (error as { readonly code?: string }).code,
      ),
    end: () => life.abort(new Error('the call has ended')),
  }
}
