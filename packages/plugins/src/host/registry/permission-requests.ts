import { type GrantWish, type PermissionRequest, type PluginGrant, PluginError } from '@covent/core'
import { type Manifest, permissionRisk, permissionWords } from '@covent/plugin-sdk/manifest'

type Asked = Readonly<Record<string, { readonly reason: string }>>

const stateOf = (decision: PluginGrant | undefined): PermissionRequest['state'] => {
  if (decision === undefined) return 'pending'
  return decision.granted ? 'granted' : 'denied'
}

/** Everything that a plugin asks for, with what was decided of it. */
export const permissionRequests = (
  manifest: Manifest,
  decisions: readonly PluginGrant[],
): readonly PermissionRequest[] =>
  (['required', 'optional'] as const).flatMap((need) =>
    Object.entries(manifest.permissions[need] as Asked).map(([permission, { reason, ...scope }]) => ({
      permission,
      need,
      state: stateOf(decisions.find((decision) => decision.permission === permission)),
      reason,
      scope,
      ...permissionWords(manifest, permission, scope),
    })),
  )

/** The permissions that a wish names. Throws where the plugin does not ask for one of them. */
export const wished = ({ id, permissions }: Manifest, wish: GrantWish): readonly string[] => {
  const asked = [...new Set([...Object.keys(permissions.required), ...Object.keys(permissions.optional)])]
  // An operator has to name those of extreme risk one by one.
  if (wish === 'all') return asked.filter((permission) => permissionRisk(permission) !== 'extreme')
  const unknown = wish.find((permission) => !asked.includes(permission))
  if (unknown === undefined) return [...new Set(wish)]
  const known = asked.length === 0 ? 'no permission' : asked.join(', ')
  throw new PluginError('plugin.invalid', `${id} does not ask for ${unknown}; it asks for ${known}`)
}
