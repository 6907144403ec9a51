import type { PluginGrant, UpdateFinding } from '@covent/core'
import { type Manifest, permissionRisk } from '@covent/plugin-sdk/manifest'

export interface CarriedOptions {
  readonly before: Manifest
  readonly after: Manifest
  /** What was decided for the version in force. */
  readonly decisions: readonly PluginGrant[]
  readonly findings: readonly UpdateFinding[]
}

type Carried = Pick<PluginGrant, 'permission' | 'granted'>

const asked = ({ permissions: { required, optional } }: Manifest): readonly string[] => [
  ...new Set([...Object.keys(required), ...Object.keys(optional)]),
]

/**
 * What holds for a new version that an operator let in: what was decided of a permission stays decided; one that was
 * granted and now reaches further, and one that is newly required, are granted by the consent, unless their risk is so
 * extreme that they have to be named. What was never decided, or denied, stays so.
 */
export const carriedGrants = ({ before, after, decisions, findings }: CarriedOptions): readonly Carried[] => {
  const known = asked(before)
  const isWider = (permission: string): boolean =>
    findings.some(({ what, widens }) => widens && `${what}.`.startsWith(`permissions.${permission}.`))
  return asked(after).flatMap((permission): Carried[] => {
    const granted = decisions.find((decision) => decision.permission === permission)?.granted
    const isNew = !known.includes(permission) && Object.hasOwn(after.permissions.required, permission)
    const isNamedOnly = permissionRisk(permission) === 'extreme'
    if (granted === false) return [{ permission, granted }]
    if (granted === true && !(isWider(permission) && isNamedOnly)) return [{ permission, granted }]
    return isNew && !isNamedOnly ? [{ permission, granted: true }] : []
  })
}
