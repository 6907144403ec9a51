import { AppError, type Egress, PluginError } from '@covent/core'
import * as z from 'zod'
import type { Asker, BrokerMethod, MethodRequest, Wanted } from './broker-method.ts'
import type { Deny } from './denials.ts'
import { declared, type NetworkSettings } from './network-policy.ts'

export interface DnsMethodOptions {
  readonly egress: Egress
  readonly settings: NetworkSettings
  readonly deny: Deny
}

const permission = 'net:dns' as const
const params = z.strictObject({ name: z.string().max(253) })

const wanted = (raw: unknown): Wanted => {
  const { data } = params.safeParse(raw)
  if (data === undefined) return { permission, target: 'ctx.dns' }
  return { permission, target: data.name, scope: { names: [data.name] } }
}

const namesOf = (asker: Asker): readonly string[] =>
  asker.manifest === undefined
    ? []
    : declared(asker.manifest, asker).flatMap((set) => set[permission]?.names ?? [])

const resolveFor = async ({ asker, call, params: raw }: MethodRequest, options: DnsMethodOptions) => {
  const { egress, settings, deny } = options
  const parsed = params.safeParse(raw)
  if (!parsed.success) throw new PluginError('plugin.input-invalid', 'ctx.dns takes a name')
  const allowPrivate = settings.network.allowPrivate.includes(asker.id)
  const policy = { caller: asker.id, names: namesOf(asker), allowPrivate }
  try {
    return await egress.resolve(parsed.data.name, policy)
  } catch (error) {
    if (AppError.is(error, 'egress.host-refused')) throw deny(asker, call, wanted(raw))
    throw error
  }
}

/** `ctx.dns`, on the host's side. */
export const dnsMethods = (options: DnsMethodOptions): Readonly<Record<string, BrokerMethod>> => ({
  'dns.resolve': { permission, wanted, run: (request) => resolveFor(request, options) },
})
