import { AuthError, ClientError, type Principal, ValidationError } from '@covent/core'
import type * as z from 'zod'
import { send } from './answer.ts'
import type { Authenticate } from './authenticate.ts'
import { peerKey } from '../limits/addresses.ts'
import { hasBody, readBody, readBytes } from './body/body.ts'
import type { Chain } from './chain.ts'
import type { Exchange } from './exchange.ts'
import { fail, finish } from './finish.ts'
import { answered, type Route, routeName } from './route.ts'

const longestMessage = 300

const say = (path: readonly PropertyKey[], message: string): string =>
  `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`.slice(0, longestMessage)

/** Parses what a stranger sent; the error names the first places that are wrong. */
const checked = (schema: z.ZodType, value: unknown): unknown => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues.slice(0, 8).map(({ path, message }) => say(path, message))
  const param = result.error.issues[0]?.path.join('.').slice(0, longestMessage)
  throw new ValidationError('validation.failed', issues.join('; '), { data: { param } })
}

const paramsOf = (route: Route, params: unknown): unknown => {
  if (route.params === undefined) return undefined
  const result = route.params.safeParse(params)
  if (result.success) return result.data
  throw new ClientError('request.not-found', 'There is nothing of that id.')
}

const queryOf = (route: Route, url: string): unknown => {
  if (route.query === undefined) return undefined
  const at = url.indexOf('?')
  const pairs = [...new URLSearchParams(at === -1 ? '' : url.slice(at + 1))]
  const query = Object.fromEntries(pairs)
  // One program takes the first, another the last: whoever stands before this server may have judged another one.
  if (Object.keys(query).length < pairs.length)
    throw new ValidationError('validation.failed', 'A query parameter is given more than once.')
  return checked(route.query, query)
}

const bodyOf = async (chain: Chain, route: Route, exchange: Exchange): Promise<unknown> => {
  const limit = route.bodyLimitBytes ?? chain.settings.bodyLimitBytes
  if (route.body !== undefined) return checked(route.body, await readBody(exchange.request, limit))
  if (hasBody(exchange.request) && route.rawBody !== true)
    throw new ClientError('request.malformed', `${route.method} ${route.path} takes no body.`)
  return undefined
}

const authorize = (chain: Chain, route: Route, principal: Principal): void => {
  if (route.scope === 'public' || chain.deps.policy.permits(principal, route.scope)) return
  chain.deps.audit.note({
    actor: { kind: 'principal', id: principal.id },
    action: 'route.call',
    target: routeName(route),
    outcome: 'denied',
    code: 'auth.forbidden',
  })
  throw new AuthError('auth.forbidden', `This needs the scope ${route.scope}, which you do not hold.`)
}

/** What a session may do without its second factor, where it has one: what is its own. */
const ownScopes: readonly string[] = ['chat:write', 'conversations:write', 'sessions:write']

const changesTheServer = ({ scope }: Route): boolean => scope.endsWith(':write') && !ownScopes.includes(scope)

/** A session whose device has a second factor proves it before it changes the server. */
const checkProven = async ({ deps }: Chain, route: Route, { session }: Exchange): Promise<void> => {
  if (session === undefined || !changesTheServer(route) || !(await deps.secondFactors.isOwed(session))) return
  throw new AuthError('auth.proof-owed', 'This session has to prove its second factor before it does that.')
}

const enter = ({ room }: Chain, caller: string): (() => void) => {
  const leave = room.enter(caller)
  if (leave !== undefined) return leave
  throw new ClientError(
    'request.overloaded',
    'Too many requests of yours are under way; wait until some have ended.',
  )
}

const handle = async (chain: Chain, route: Route, exchange: Exchange): Promise<void> => {
  const { request } = exchange
  const params = paramsOf(route, (request as { params?: unknown }).params)
  const query = queryOf(route, request.url ?? '')
  const body = await bodyOf(chain, route, exchange)
  const answer = await route.handle({
    exchange,
    principal: exchange.principal,
    params,
    query,
    body,
    raw: () => readBytes(request, route.bodyLimitBytes ?? chain.settings.bodyLimitBytes),
  })
  if (answer !== answered) send(exchange, answer)
}

/** Takes a matched request through credential, scope, parsing and handler to its answer and its log line. */
export const runRoute = (chain: Chain, route: Route, authenticate: Authenticate) => {
  const { context } = chain.deps
  const guarded = async (exchange: Exchange): Promise<void> => {
    const principal = await authenticate(exchange)
    exchange.principal = principal
    const counting = chain.rates.admit(exchange, route, principal)
    if (counting !== undefined) await counting
    authorize(chain, route, principal)
    if (exchange.session !== undefined) await checkProven(chain, route, exchange)
    const leave = enter(chain, principal.id)
    try {
      await context.run({ principalId: principal.id }, () => handle(chain, route, exchange))
    } finally {
      leave()
    }
  }
  const open = async (exchange: Exchange): Promise<void> => {
    await chain.rates.admit(exchange, route)
    // Probes must be answered however full it is.
    if (route.rate === 'none') return handle(chain, route, exchange)
    const leave = enter(chain, `peer:${peerKey(chain.peerOf(exchange.request))}`)
    try {
      return await handle(chain, route, exchange)
    } finally {
      leave()
    }
  }
  const run = route.scope === 'public' ? open : guarded
  return async (exchange: Exchange): Promise<void> => {
    exchange.route = route
    try {
      await run(exchange)
    } catch (error) {
      fail(chain, exchange, error)
    }
    finish(chain, exchange)
  }
}
