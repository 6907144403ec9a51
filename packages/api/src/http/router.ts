import { ClientError } from '@covent/core'
import express, { type Express, type Request, type Response } from 'express'
import { authenticate } from './authenticate.ts'
import type { Chain } from './chain.ts'
import { exchangeOf } from './exchange.ts'
import { fail, finish } from './finish.ts'
import type { Route } from './route.ts'
import { runRoute } from './run-route.ts'

/** `GET, HEAD, POST` of the routes of one path. */
const allowedMethods = (routes: readonly Route[]): string =>
  routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')

const verb = { GET: 'get', POST: 'post', DELETE: 'delete' } as const

/** Registers the routes with Express: literal segments in their own letter case, no trailing slash, 405 for other methods. */
export const router = (chain: Chain, routes: readonly Route[]): Express => {
  const app = express()
  app.disable('x-powered-by').disable('etag').set('query parser', false)
  app.enable('case sensitive routing').enable('strict routing')
  const authenticated = authenticate(chain)
  for (const [path, group] of Map.groupBy(routes, ({ path }) => path)) {
    const place = app.route(path)
    for (const route of group) {
      const run = runRoute(chain, route, authenticated)
      place[verb[route.method]]((_request: Request, response: Response) => run(exchangeOf(response)))
    }
    place.all(refuseMethod(chain, allowedMethods(group)))
  }
  return app
}

const refuseMethod = (chain: Chain, allow: string) => (_request: Request, response: Response) => {
  const exchange = exchangeOf(response)
  response.setHeader('Allow', allow)
  const message = `This path takes ${allow}.`
  fail(chain, exchange, new ClientError('request.method-not-allowed', message))
  finish(chain, exchange)
}
