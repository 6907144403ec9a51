import { AuthError, ClientError, type PluginRoute } from '@covent/core'
import * as z from 'zod'
import { authenticate } from '../../http/authenticate.ts'
import { parseBytes } from '../../http/body/body.ts'
import type { Chain } from '../../http/chain.ts'
import type { Exchange } from '../../http/exchange.ts'
import { type Method, type Route, route } from '../../http/route.ts'

/** More than any known webhook sends, and less than a frame to a plugin holds. */
const bodyLimitBytes = 262_144
const jsonType = /^application\/json(?:[ \t]*;.*)?$/i

const wantedSchema = z.object({
  plugin: z.string().max(64),
  path: z.array(z.string().max(100)).min(1).max(8),
})

const notFound = (): ClientError => new ClientError('request.not-found', 'There is no such route.')

const headersOf = ({ request }: Exchange): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  )

const queryOf = ({ request }: Exchange): Record<string, string> =>
  Object.fromEntries(new URL(request.url ?? '/', 'http://here').searchParams)

/** JSON, except that what is signed may be anything: then the plugin gets the bytes. */
const bodyOf = (exchange: Exchange, auth: PluginRoute['auth'], raw: Buffer): unknown => {
  if (raw.length === 0) return undefined
  const isJson = jsonType.test(exchange.request.headers['content-type'] ?? '')
  if (isJson) return parseBytes(raw)
  if (auth === 'signature') return undefined
  throw new ClientError('request.media-type-unsupported', 'A body comes as application/json in UTF-8.')
}

/** Mounts what plugins answer: `/plugins/<id>/…`. Which routes there are is looked up at each request. */
const mount = (chain: Chain, method: Method & ('GET' | 'POST')): Route => {
  const { deps } = chain
  const principalOf = authenticate(chain)
  const admit = async (exchange: Exchange): Promise<{ readonly principalId: string }> => {
    const principal = await principalOf(exchange)
    exchange.principal = principal
    // By its peer it was counted when it came; who he is was not known then.
    await chain.rates.admit(exchange, exchange.route!, principal)
    if (deps.policy.permits(principal, 'plugins:call')) return { principalId: principal.id }
    throw new AuthError('auth.forbidden', 'This needs the scope plugins:call, which this key does not hold.')
  }
  return route({
    method,
    path: '/plugins/:plugin/*path',
    operationId: `${method === 'GET' ? 'get' : 'post'}PluginRoute`,
    summary: 'A route of a plugin, as its manifest declares it',
    scope: 'public',
    params: wantedSchema,
    rawBody: true,
    bodyLimitBytes,
    responses: {
      200: { description: 'What the plugin answers: JSON, with any status', schema: z.unknown() },
    },
    async handle({ exchange, params, raw }) {
      const path = `/${params.path.join('/')}`
      const found = deps.routes.find({ plugin: params.plugin, method, path })
      if (found === undefined) throw notFound()
      const caller = found.auth === 'token' ? await admit(exchange) : {}
      const gone = new AbortController()
      exchange.response.once('close', () => gone.abort(new ClientError('request.malformed', 'Nobody waits.')))
      const bytes = await raw()
      const body = bodyOf(exchange, found.auth, bytes)
      const request = { query: queryOf(exchange), headers: headersOf(exchange), raw: bytes, body, ...caller }
      const answer = await found.handle(request, { signal: gone.signal })
      const headers = Object.entries(answer.headers).flat()
      if (answer.body === undefined) return { status: answer.status, headers }
      const text = JSON.stringify(answer.body)
      return {
        status: answer.status,
        body: text,
        headers: ['Content-Type', 'application/json; charset=utf-8', ...headers],
      }
    },
  })
}

export const pluginMounts = (chain: Chain): readonly Route[] => [mount(chain, 'GET'), mount(chain, 'POST')]
