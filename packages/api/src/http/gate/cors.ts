import type { Answer } from '../route.ts'
import type { Exchange } from '../exchange.ts'

const readable = 'X-Request-Id, RateLimit, RateLimit-Policy, Retry-After'
const sendable = 'Authorization, Content-Type, Idempotency-Key, X-Covent-Token, X-Request-Id'

/** The configured origin that a request comes from, whose pages may read the answer; never with cookies. */
export const corsOrigin = (origins: readonly string[], origin: string | undefined): string | undefined =>
  origin !== undefined && origins.includes(origin) ? origin : undefined

export const corsHeaders = (origin: string): readonly string[] => [
  'Access-Control-Allow-Origin',
  origin,
  'Access-Control-Expose-Headers',
  readable,
  'Vary',
  'Origin',
]

/** The answer to a browser that asks whether it may send; undefined for every other request. */
export const preflight = ({ request, corsOrigin: origin }: Exchange): Answer | undefined => {
  if (origin === undefined || request.method !== 'OPTIONS') return undefined
  if (request.headers['access-control-request-method'] === undefined) return undefined
  return {
    status: 204,
    headers: [
      'Access-Control-Allow-Methods',
      'GET, HEAD, POST, DELETE',
      'Access-Control-Allow-Headers',
      sendable,
      'Access-Control-Max-Age',
      '600',
    ],
  }
}
