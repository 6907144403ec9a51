import { rateHeaders } from '../limits/rate-headers.ts'
import type { Exchange } from './exchange.ts'
import { corsHeaders } from './gate/cors.ts'
import type { Answer } from './route.ts'

/** On every answer. Nothing that the API says is to be shown, framed, sniffed or kept by a browser. */
const secure = [
  'Content-Security-Policy',
  "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options',
  'nosniff',
  'Referrer-Policy',
  'no-referrer',
  'Cross-Origin-Resource-Policy',
  'same-origin',
  'Cache-Control',
  'no-store',
] as const

/** The headers of every answer, with those of this one; names and values in turn. A name of `extra` replaces a standing one. */
export const headersFor = (exchange: Exchange, extra: readonly string[]): string[] => {
  const given = ['X-Request-Id', exchange.requestId, ...extra]
  if (exchange.corsOrigin !== undefined) given.push(...corsHeaders(exchange.corsOrigin))
  if (exchange.rate !== undefined) given.push(...rateHeaders(exchange.rate))
  for (let n = 0; n < secure.length; n += 2)
    if (!extra.includes(secure[n]!)) given.push(secure[n]!, secure[n + 1]!)
  return given
}

const json = ['Content-Type', 'application/json; charset=utf-8'] as const

/** Writes status and headers; gives the text that must follow, and undefined where an answer has begun already. */
const begin = (exchange: Exchange, answer: Answer): string | undefined => {
  const { response } = exchange
  if (response.headersSent || response.destroyed) return undefined
  const text = bodyText(answer.body)
  const headers = headersFor(exchange, answer.headers ?? (answer.body === undefined ? [] : json))
  exchange.bytes = Buffer.byteLength(text)
  if (answer.status !== 204) headers.push('Content-Length', String(exchange.bytes))
  response.writeHead(answer.status, headers)
  return text
}

/** Writes a whole answer; nothing happens where one has begun. */
export const send = (exchange: Exchange, answer: Answer): void => {
  const text = begin(exchange, answer)
  if (text !== undefined) exchange.response.end(text)
}

const lingerMs = 1000

/**
 * Answers before all of a long body has come. The connection cannot be used again, and closing it at once would reset
 * it under the sender, who would never read the answer: what still comes is thrown away, for a second at most.
 */
export const sendAndLinger = (exchange: Exchange, answer: Answer): void => {
  const { request, response } = exchange
  response.shouldKeepAlive = false
  const text = begin(exchange, answer)
  if (text === undefined) return
  response.write(text)
  request.resume()
  const end = (): void => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, lingerMs)
  request.once('close', end)
}

const bodyText = (body: unknown): string => {
  if (body === undefined) return ''
  return typeof body === 'string' ? body : JSON.stringify(body)
}
