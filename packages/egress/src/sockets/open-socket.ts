import type { RequestOptions } from 'node:http'
import { EgressError } from '@covent/core'
import type { ClientOptions, WebSocket } from 'ws'
import { pinned } from '../exchange.ts'
import type { Target } from '../target.ts'

/** A handshake with one checked place. */
export interface Handshake {
  readonly target: Target
  readonly addresses: readonly string[]
  readonly protocols: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly messageBytes: number
  readonly ca: string | undefined
  readonly signal: AbortSignal
}

const headerCapBytes = 16_384

const optionsOf = ({
  addresses,
  headers,
  messageBytes,
  ca,
}: Handshake): ClientOptions & Pick<RequestOptions, 'lookup' | 'maxHeaderSize'> => ({
  lookup: pinned(addresses),
  headers: { 'user-agent': 'covent', ...headers },
  maxPayload: messageBytes,
  maxHeaderSize: headerCapBytes,
  followRedirects: false,
  perMessageDeflate: false,
  autoPong: false,
  ...(ca !== undefined && { ca }),
})

const refusalOf = (status: number): EgressError =>
  status >= 300 && status < 400
    ? new EgressError(
        'egress.redirect-refused',
        `the other side redirects (${status}); name the place itself`,
      )
    : new EgressError('egress.response-invalid', `the other side answers ${status} and opens no WebSocket`)

/** Opens a socket and hands it to `attach` before anything can arrive on it. */
export const openSocket = async <T>(handshake: Handshake, attach: (socket: WebSocket) => T): Promise<T> => {
  const { WebSocket } = await import('ws')
  const { target, protocols, signal } = handshake
  signal.throwIfAborted()
  const socket = new WebSocket(target.url, [...protocols], optionsOf(handshake))
  signal.addEventListener('abort', () => socket.terminate(), { once: true })
  const attached = attach(socket)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.on('error', reject)
    socket.once('unexpected-response', (request, response) => {
      request.destroy()
      reject(refusalOf(response.statusCode ?? 0))
    })
  })
  return attached
}
