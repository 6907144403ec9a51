import type { PluginPermission } from '@covent/plugin-sdk'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import type { Asker } from './broker-method.ts'
import { declared } from './network-policy.ts'

type Scopes = Manifest['permissions']['required']

/** The scope of a permission that was granted; where it is both required and optional, the required one. */
export const grantedScope = <P extends PluginPermission & keyof Scopes>(
  asker: Asker,
  permission: P,
): Scopes[P] | undefined =>
  asker.manifest !== undefined && asker.grants.has(permission)
    ? declared(asker.manifest, asker).find((set) => set[permission] !== undefined)?.[permission]
    : undefined
