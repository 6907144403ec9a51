import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ClientError, newId } from '@covent/core'
import type { Chain } from '../http/chain.ts'
import { faultOf, problem } from '../http/errors.ts'

type ParserError = Error & { readonly code?: string; readonly rawPacket?: Buffer }

const longLine = (packet: Buffer | undefined): boolean => {
  const end = packet?.indexOf('\n') ?? 0
  return end === -1 || end > 4096
}

const asClientError = ({ code, rawPacket }: ParserError): ClientError => {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new ClientError('request.timeout', 'The request did not come in time.')
  if (code !== 'HPE_HEADER_OVERFLOW')
    return new ClientError('request.malformed', 'The request is not well-formed HTTP/1.1.')
  if (longLine(rawPacket))
    return new ClientError('request.url-too-long', 'A URL has at most 4096 characters.')
  return new ClientError('request.headers-too-large', 'The headers together have at most 16 kB.')
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
}

const rawAnswer = (error: ClientError, requestId: string): string => {
  const body = JSON.stringify(problem(faultOf(error), requestId))
  return [
    `HTTP/1.1 ${error.status} ${reasons[error.status]}`,
    'Connection: close',
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    `X-Request-Id: ${requestId}`,
    '',
    body,
  ].join('\r\n')
}

/** Answers what the HTTP parser refused, and closes: after such bytes nobody knows where the next request begins. */
export const clientErrors = (chain: Chain) => {
  const { clock, logger, metrics } = chain.deps
  return (cause: ParserError, socket: Duplex): void => {
    if (cause.code === 'ECONNRESET' || !socket.writable || chain.inFlight.answering(socket as Socket)) {
      socket.destroy()
      return
    }
    const error = asClientError(cause)
    logger.info('request refused', { status: error.status, code: error.code, reason: cause.code })
    metrics.observe('http_request_seconds', 0, { route: '-', status: String(error.status) })
    socket.end(rawAnswer(error, newId('req', clock.now())), () => socket.destroy())
  }
}
