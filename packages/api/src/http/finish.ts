import { AppError } from '@covent/core'
import { send, sendAndLinger } from './answer.ts'
import type { Chain } from './chain.ts'
import { errorAnswer, faultOf } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { routeName } from './route.ts'

/** The one place where an error becomes an answer. */
export const fail = (chain: Chain, exchange: Exchange, error: unknown): void => {
  if (isAbandoned(exchange, error)) return
  const fault = faultOf(error)
  if (fault.status >= 500 && !AppError.is(error, 'request.shutting-down'))
    chain.deps.logger.error('request failed', { route: nameOf(exchange), code: fault.code, error })
  const answer = errorAnswer(exchange, fault)
  if (isLongBody(exchange, chain.settings.bodyLimitBytes)) return sendAndLinger(exchange, answer)
  exchange.request.resume()
  send(exchange, answer)
}

/** Whether the work was aborted because nobody waits for its answer. */
const isAbandoned = ({ response }: Exchange, error: unknown): boolean =>
  response.destroyed && error instanceof Error && error.name === 'AbortError'

/** Whether more of a body may come than is worth waiting for. */
const isLongBody = ({ request }: Exchange, limit: number): boolean =>
  !request.complete &&
  (request.headers['transfer-encoding'] !== undefined ||
    Number(request.headers['content-length'] ?? 0) > limit)

const nameOf = ({ route, request }: Exchange): string =>
  route === undefined ? `${request.method} -` : routeName(route)

const clientLeft = 499

/** Writes the request's line and its measure. */
export const finish = (chain: Chain, exchange: Exchange): void => {
  const { clock, logger, metrics } = chain.deps
  const { response, route } = exchange
  const durationMs = clock.monotonic() - exchange.startedMs
  const status = response.headersSent ? response.statusCode : clientLeft
  const name = nameOf(exchange)
  const line = {
    method: exchange.request.method,
    route: route?.path ?? '-',
    status,
    durationMs: Math.round(durationMs * 100) / 100,
    bytes: exchange.bytes,
  }
  if (route?.log === 'debug') logger.debug('request', line)
  else logger.info('request', line)
  metrics.observe('http_request_seconds', durationMs / 1000, labelsOf(name, status))
}

const labels = new Map<string, Readonly<Record<string, string>>>()
const mostLabels = 2000

/** The same object for the same route and status, which costs the metrics least. */
const labelsOf = (route: string, status: number): Readonly<Record<string, string>> => {
  const key = `${status} ${route}`
  const known = labels.get(key)
  if (known !== undefined) return known
  const made = Object.freeze({ route, status: String(status) })
  if (labels.size < mostLabels) labels.set(key, made)
  return made
}
