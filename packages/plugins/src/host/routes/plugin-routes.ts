import {
  type Clock,
  LimitError,
  PluginError,
  type PluginRoute,
  type PluginRoutes,
  type RouteAnswer,
  type RouteRequest,
  type Stores,
} from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import * as z from 'zod'
import { type TokenBucket, tokenBucket } from '../../channel/token-bucket.ts'
import type { PluginsConfig } from '../../config.ts'
import type { WayOut } from '../broker/broker-http.ts'
import { callPart, hookCall, type PartOwner, tellFailure } from '../parts/call-part.ts'
import { onceSigned } from './webhook-signature.ts'

export interface RouteServices {
  readonly clock: Clock
  readonly stores: Pick<Stores, 'keyValues'>
  /** Holds the secrets by which requests are signed. */
  readonly wayOut?: Pick<WayOut, 'secrets'>
}

type Settings = Pick<PluginsConfig, 'routeSecrets' | 'callTimeoutMs'>

/** A declared route with what it takes to serve it. */
interface Served {
  readonly route: Route
  readonly services: RouteServices
  readonly settings: Settings
  readonly bucket: TokenBucket
}

type Route = Manifest['contributes']['routes'][number]
type Options = Parameters<PluginRoute['handle']>[1]

const permission = 'net:inbound:listen'
/** Of requests without a key, for each plugin. */
const openRate = { perSecond: 20, burst: 100 }
const longestMs = 30_000
const shownHeaders =
  /^(content-type|accept|accept-language|user-agent|webhook-id|webhook-timestamp|x-[a-z0-9-]{1,40}-event)$/

const answerSchema = z.object({
  status: z.int().min(200).max(599),
  body: z.unknown().optional(),
  headers: z
    .record(
      z.string().regex(/^(retry-after|x-plugin-[a-z0-9-]{1,40})$/),
      z.string().regex(/^[\u0020-\u007e]{0,200}$/),
    )
    .refine((headers) => Object.keys(headers).length <= 8, 'at most 8 headers')
    .default({}),
})

const mayAnswer = ({ manifest, grants }: PartOwner, path: string): boolean => {
  const { required, optional } = manifest.permissions
  const scope = required[permission] ?? optional[permission]
  return grants.has(permission) && scope !== undefined && scope.routes.includes(path)
}

const shown = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => shownHeaders.test(name)))

const run = async (
  plugin: PartOwner,
  { route, services, settings }: Served,
  { request, signal }: { readonly request: RouteRequest; readonly signal: AbortSignal },
): Promise<RouteAnswer> => {
  const { clock } = services
  const { query, headers, body, raw, principalId = '' } = request
  const name = `${route.method} ${route.path}`
  const signed = route.auth === 'signature' ? { rawBody: raw } : {}
  const timeoutMs = Math.min(longestMs, plugin.manifest.limits.callTimeoutMs, settings.callTimeoutMs)
  const input = { query, headers: shown(headers), body, ...signed }
  const call = { ...hookCall(clock), principalId }
  try {
    const answer = await callPart(plugin, { part: 'route', name, input, call, timeoutMs, signal })
    const { data, error } = answerSchema.safeParse(answer)
    if (data === undefined)
      throw new PluginError('plugin.output-invalid', `${name}: ${error.issues[0]?.message ?? 'no answer'}`)
    return { status: data.status, headers: data.headers, ...(data.body !== undefined && { body: data.body }) }
  } catch (error) {
    tellFailure(plugin, { where: `route/${name}`, error }, clock)
    throw error
  }
}

const routeOf = (plugin: PartOwner, served: Served): PluginRoute => {
  const { route, services, settings, bucket } = served
  const { clock, stores, wayOut } = services
  const { id } = plugin.manifest
  const secretName = Object.hasOwn(settings.routeSecrets, id) ? settings.routeSecrets[id] : undefined
  const signature = { clock, plugin: id, keyValues: stores.keyValues, secrets: wayOut?.secrets, secretName }
  const serve = (request: RouteRequest, { signal }: Options) => run(plugin, served, { request, signal })
  return {
    auth: route.auth,
    async handle(request, options) {
      if (route.auth === 'token') return serve(request, options)
      if (bucket.take(0) > 0)
        throw new LimitError('limit.exceeded', `${id} gets too many requests; wait a second.`)
      bucket.take(1)
      if (route.auth === 'none') return serve(request, options)
      return onceSigned(request, signature, () => serve(request, options))
    },
  }
}

/** The routes of plugins that run and may have them. */
export const pluginRoutes = (
  running: () => readonly PartOwner[],
  services: RouteServices,
  settings: Settings,
): PluginRoutes => {
  const buckets = new Map<string, TokenBucket>()
  const bucketOf = (id: string): TokenBucket => {
    const bucket = buckets.get(id) ?? tokenBucket(openRate, services.clock)
    buckets.set(id, bucket)
    return bucket
  }
  return {
    find({ plugin: id, method, path }) {
      const plugin = running().find(({ manifest }) => manifest.id === id)
      const route = plugin?.manifest.contributes.routes.find(
        (one) => one.path === path && one.method === method,
      )
      if (plugin === undefined || route === undefined || !mayAnswer(plugin, path)) return undefined
      return routeOf(plugin, { route, services, settings, bucket: bucketOf(id) })
    },
  }
}
