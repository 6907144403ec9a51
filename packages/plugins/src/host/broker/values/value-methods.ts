import { type Secrets, PluginError, type SecretMask } from '@covent/core'
import { isOpenVariable } from '@covent/plugin-sdk/manifest'
import * as z from 'zod'
import type { Asker, BrokerMethod, MethodRequest, Wanted } from '../broker-method.ts'
import { declared, mayUse, missing, type NetworkSettings } from '../network-policy.ts'

export interface ValueMethodsOptions {
  readonly secrets: Secrets
  readonly mask: Pick<SecretMask, 'hide'>
  readonly settings: Pick<NetworkSettings, 'secrets'>
  /** The server's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

type Named = 'process:env:read' | 'data:secrets'

const params = z.strictObject({ name: z.string().min(1).max(64) })

const wantedOf = (permission: Named, name: string): Wanted => ({
  permission,
  target: name,
  scope: { names: [name] },
})

const wantedBy =
  (permission: Named) =>
  (raw: unknown): Wanted => {
    const { data } = params.safeParse(raw)
    return data === undefined ? { permission, target: 'get' } : wantedOf(permission, data.name)
  }

/** The name, where the manifest lists it. */
const listedName = ({ asker, params: raw, deny }: MethodRequest, permission: Named): string => {
  const { data } = params.safeParse(raw)
  if (data === undefined) throw new PluginError('plugin.input-invalid', 'get takes a name')
  const lists = (of: Asker): readonly string[] =>
    of.manifest === undefined ? [] : declared(of.manifest, of).flatMap((set) => set[permission]?.names ?? [])
  if (!lists(asker).includes(data.name)) throw deny(wantedOf(permission, data.name))
  return data.name
}

/** The manifest's schema refuses such names already; no manifest that got past it gives them out. */
const checkOpen = ({ params: raw, deny }: MethodRequest): void => {
  const { data } = params.safeParse(raw)
  if (data === undefined || isOpenVariable(data.name)) return
  const remedy = 'a secret under secrets of its manifest: a variable of that name is given to no plugin'
  throw deny({ ...wantedOf('process:env:read', data.name), remedy })
}

/** `ctx.env` and `ctx.secrets`, on the host's side: names that the manifest lists, and no others. */
export const valueMethods = ({
  secrets,
  mask,
  settings,
  environment,
}: ValueMethodsOptions): Readonly<Record<string, BrokerMethod>> => ({
  'env.get': {
    permission: 'process:env:read',
    wanted: wantedBy('process:env:read'),
    async run(request) {
      checkOpen(request)
      const name = listedName(request, 'process:env:read')
      return Object.hasOwn(environment, name) ? environment[name] : undefined
    },
  },
  'secrets.get': {
    permission: 'data:secrets',
    wanted: wantedBy('data:secrets'),
    async run(request) {
      const name = listedName(request, 'data:secrets')
      const { asker, deny } = request
      const remedy = `"${name}" in the setting plugins.secrets["${asker.id}"]`
      if (!mayUse(asker, name, settings)) throw deny({ ...wantedOf('data:secrets', name), remedy })
      const value = await secrets.get(name)
      if (value === undefined) throw missing(asker.id, name)
      mask.hide(value)
      return value
    },
  },
})
