import type { Wanted } from './broker-method.ts'

/** What the way out tells of a refusal. */
export interface Refusal {
  readonly scheme?: string
  readonly host?: string
  readonly port?: number
  readonly method?: string
  readonly canBeAllowed?: boolean
}

export const denialCodes: readonly string[] = [
  'egress.host-refused',
  'egress.method-refused',
  'egress.address-refused',
]

const defaultPorts: Readonly<Record<string, number>> = { https: 443, http: 80, wss: 443 }
const permissions: Readonly<Record<string, Wanted['permission']>> = {
  http: 'net:outbound:http',
  wss: 'net:outbound:websocket',
}

const permissionOf = (scheme: string | undefined): Wanted['permission'] =>
  permissions[scheme ?? ''] ?? 'net:outbound:https'

/** A request as its text has it: enough to say what was wanted; what is allowed is decided by what it is parsed to. */
export const requested = (raw: unknown, facet: 'http' | 'ws'): Wanted => {
  const text = (raw as { readonly url?: unknown } | undefined)?.url
  const url = typeof text === 'string' ? URL.parse(text) : null
  const permission = permissionOf(facet === 'ws' ? 'wss' : url?.protocol.slice(0, -1))
  if (url === null || url.host === '') return { permission, target: `ctx.${facet}` }
  return { permission, target: `${url.protocol}//${url.host}`, scope: { hosts: [url.host] } }
}

/** What of the manifest or the settings would have let through what the way out refused. */
export const refused = (id: string, code: string, refusal: Refusal): Wanted => {
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
