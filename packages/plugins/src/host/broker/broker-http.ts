import { AppError, type Egress, PluginError, type Secrets } from '@covent/core'
import * as z from 'zod'
import type { BrokerMethod, MethodRequest, Wanted } from './broker-method.ts'
import type { Deny } from './denials.ts'
import { type Network, networkPolicy, type NetworkSettings } from './network-policy.ts'

export interface WayOut {
  readonly egress: Egress
  readonly secrets: Secrets
}
export interface HttpMethodOptions extends WayOut {
  readonly settings: NetworkSettings
  readonly deny: Deny
}

interface Refusal {
  readonly scheme?: string
  readonly host?: string
  readonly port?: number
  readonly method?: string
  readonly canBeAllowed?: boolean
}

const params = z.strictObject({
  url: z.string().max(8_192),
  method: z.string().max(16),
  headers: z.record(z.string().max(64), z.string().max(16_384)),
  body: z.instanceof(Uint8Array).optional(),
})

const parse = (value: unknown): z.output<typeof params> => {
  const result = params.safeParse(value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new PluginError('plugin.input-invalid', `ctx.http: ${path.map(String).join('.')}: ${message}`)
}

const permissionOf = (scheme: string | undefined): Wanted['permission'] =>
  scheme === 'http' ? 'net:outbound:http' : 'net:outbound:https'

/** A request as its text has it: enough to say what was wanted; what is allowed is decided by what it is parsed to. */
const wanted = (raw: unknown): Wanted => {
  const text = (raw as { readonly url?: unknown } | undefined)?.url
  const url = typeof text === 'string' ? URL.parse(text) : null
  const permission = permissionOf(url?.protocol.slice(0, -1))
  if (url === null || url.host === '') return { permission, target: 'ctx.http' }
  return { permission, target: url.origin, scope: { hosts: [url.host] } }
}

const defaultPorts: Readonly<Record<string, number>> = { https: 443, http: 80 }

/** What of the manifest or the settings would have let through what the way out refused. */
const refused = (id: string, code: string, refusal: Refusal): Wanted => {
  const { scheme = 'https', host = '', port, method, canBeAllowed } = refusal
  const permission = permissionOf(scheme)
  const place = port === undefined || port === defaultPorts[scheme] ? host : `${host}:${port}`
  const target = `${scheme}://${place}`
  if (code === 'egress.method-refused')
    return { permission, target: `${method} ${target}`, scope: { hosts: [place], methods: [method] } }
  if (code === 'egress.host-refused') return { permission, target, scope: { hosts: [place] } }
  const remedy = canBeAllowed
    ? `"${id}" in the setting plugins.network.allowPrivate, since ${host} stands for a private address`
    : `another host: ${host} stands for an address that no plugin may reach`
  return { permission, target: host, scope: {}, remedy }
}

const denials = ['egress.host-refused', 'egress.method-refused', 'egress.address-refused']

const fetchFor = async (request: MethodRequest, { egress, deny, ...rest }: HttpMethodOptions) => {
  const { asker, call } = request
  const { url, method, headers, body } = parse(request.params)
  const network: Network = { ...rest, deny: (what) => deny(asker, call, what) }
  const policy = await networkPolicy(asker, network)
  try {
    return await egress.fetch({ url, method, headers, ...(body !== undefined && { body }) }, policy)
  } catch (error) {
    if (!AppError.is(error) || !denials.includes(error.code)) throw error
    throw network.deny(refused(asker.id, error.code, error.data as Refusal))
  }
}

/** `ctx.http`, on the host's side. */
export const httpMethods = (options: HttpMethodOptions): Readonly<Record<string, BrokerMethod>> => ({
  'http.fetch': {
    permission: 'net:outbound:https',
    wanted,
    run: (request) => fetchFor(request, options),
  },
})
