import type { IncomingMessage, RequestListener } from 'node:http'
import { ClientError, newId } from '@covent/core'
import type { Express } from 'express'
import type { Chain } from '../http/chain.ts'
import { send } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import { fail, finish } from '../http/finish.ts'
import { corsOrigin, preflight } from '../http/gate/cors.ts'
import { gateRefusal } from '../http/gate/gate.ts'

const sentId = /^[\w-]{1,64}$/

const requestIdOf = (request: IncomingMessage, nowMs: number): string => {
  const sent = request.headers['x-request-id']
  return typeof sent === 'string' && sentId.test(sent) ? sent : newId('req', nowMs)
}

const end = (chain: Chain, exchange: Exchange, error: unknown): void => {
  fail(chain, exchange, error)
  finish(chain, exchange)
}

/** Opens an exchange for each request, asks the gate, and hands on to Express. */
export const listener = (chain: Chain, app: Express, origin: 'tcp' | 'admin-socket'): RequestListener => {
  const { clock, context } = chain.deps
  const local = origin === 'admin-socket'
  const serve = (opened: Exchange): void => {
    const refusal = gateRefusal(opened.request, chain.hosts)
    if (refusal !== undefined) {
      opened.response.shouldKeepAlive = false
      return end(chain, opened, refusal)
    }
    const allowed = preflight(opened)
    if (allowed !== undefined) {
      send(opened, allowed)
      return finish(chain, opened)
    }
    app(opened.request as never, opened.response as never, (error?: unknown) =>
      end(chain, opened, error ?? new ClientError('request.not-found', 'There is nothing at that path.')),
    )
  }
  return (request, response) => {
    const opened: Exchange = {
      request,
      response,
      requestId: requestIdOf(request, clock.now()),
      local,
      startedMs: clock.monotonic(),
      corsOrigin: corsOrigin(chain.settings.cors.origins, request.headers.origin),
      principal: undefined,
      session: undefined,
      isStillValid: undefined,
      route: undefined,
      rate: undefined,
      bytes: 0,
    }
    chain.inFlight.add(opened)
    ;(response as { locals?: unknown }).locals = opened
    if (chain.draining()) response.shouldKeepAlive = false
    context.run({ requestId: opened.requestId }, () => serve(opened))
  }
}
