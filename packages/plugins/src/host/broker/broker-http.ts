import { AppError, type Egress, PluginError, type SecretMask, type Secrets } from '@covent/core'
import * as z from 'zod'
import { type BrokerMethod, lifeOf, type MethodRequest } from './broker-method.ts'
import type { Deny } from './denials.ts'
import { denialCodes, type Refusal, refused, requested } from './network-denials.ts'
import { type Network, networkPolicy, type NetworkSettings, type SecretUse } from './network-policy.ts'

export interface WayOut {
  readonly egress: Egress
  readonly secrets: Secrets
  /** Hides secrets that were read or sent in what the server writes. */
  readonly mask?: Pick<SecretMask, 'hide'>
}
export interface HttpMethodOptions extends WayOut {
  readonly settings: NetworkSettings
  readonly used: SecretUse
  readonly deny: Deny
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

const fetchFor = async (request: MethodRequest, { egress, deny, ...rest }: HttpMethodOptions) => {
  const { asker, call } = request
  const { url, method, headers, body } = parse(request.params)
  const network: Network = { ...rest, deny: (what) => deny(asker, call, what) }
  const policy = await networkPolicy(asker, network)
  try {
    const signal = lifeOf(request)
    return await egress.fetch({ url, method, headers, signal, ...(body !== undefined && { body }) }, policy)
  } catch (error) {
    if (!AppError.is(error) || !denialCodes.includes(error.code)) throw error
    const scheme = URL.parse(url)?.protocol.slice(0, -1) ?? 'https'
    throw network.deny(refused(asker.id, error.code, { scheme, ...(error.data as Refusal) }))
  }
}

/** `ctx.http`, on the host's side. */
export const httpMethods = (options: HttpMethodOptions): Readonly<Record<string, BrokerMethod>> => ({
  'http.fetch': {
    permission: 'net:outbound:https',
    wanted: (raw) => requested(raw, 'http'),
    run: (request) => fetchFor(request, options),
  },
})
