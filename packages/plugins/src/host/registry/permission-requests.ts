import { type GrantWish, type PermissionRequest, type PluginGrant, PluginError } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'

/** An operator has to name these one by one; `all` leaves them out. */
const namedOnly = new Set([
  'fs:write:any',
  'process:spawn',
  'process:shell',
  'system:native',
  'system:ffi',
  'system:gpu',
  'ai:training',
])

type Asked = Readonly<Record<string, { readonly reason: string }>>

const stateOf = (decision: PluginGrant | undefined): PermissionRequest['state'] => {
  if (decision === undefined) return 'pending'
  return decision.granted ? 'granted' : 'denied'
}

/** Everything that a plugin asks for, with what was decided of it. */
export const permissionRequests = (
  { permissions }: Manifest,
  decisions: readonly PluginGrant[],
): readonly PermissionRequest[] =>
  (['required', 'optional'] as const).flatMap((need) =>
    Object.entries(permissions[need] as Asked).map(([permission, { reason, ...scope }]) => ({
      permission,
      need,
      state: stateOf(decisions.find((decision) => decision.permission === permission)),
      reason,
      scope,
    })),
  )

/** The permissions that a wish names. Throws where the plugin does not ask for one of them. */
export const wished = ({ id, permissions }: Manifest, wish: GrantWish): readonly string[] => {
  const asked = [...new Set([...Object.keys(permissions.required), ...Object.keys(permissions.optional)])]
  if (wish === 'all') return asked.filter((permission) => !namedOnly.has(permission))
  const unknown = wish.find((permission) => !asked.includes(permission))
  if (unknown === undefined) return [...new Set(wish)]
  const known = asked.length === 0 ? 'no permission' : asked.join(', ')
  throw new PluginError('plugin.invalid', `${id} does not ask for ${unknown}; it asks for ${known}`)
}
