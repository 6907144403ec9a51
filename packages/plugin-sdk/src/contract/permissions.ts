/** Every permission with the scope that the operator is shown and the host enforces. */
export interface PermissionScopes {
  'fs:read:workspace': { readonly paths?: readonly string[] }
  'fs:read:home': { readonly paths: readonly string[] }
  'fs:read:system': { readonly paths: readonly string[] }
  'fs:write:workspace': { readonly paths?: readonly string[] }
  'fs:write:temp': { readonly maxBytes?: number }
  'fs:write:any': { readonly paths: readonly string[] }
  'net:outbound:https': { readonly hosts: readonly string[]; readonly methods?: readonly string[] }
  'net:outbound:http': { readonly hosts: readonly string[]; readonly methods?: readonly string[] }
  'net:outbound:websocket': { readonly hosts: readonly string[] }
  'net:inbound:listen': { readonly routes: readonly string[] }
  'net:dns': { readonly names: readonly string[] }
  'process:spawn': { readonly commands: readonly string[] }
  'process:shell': object
  'process:env:read': { readonly names: readonly string[] }
  'process:env:write': { readonly names: readonly string[] }
  'system:native': object
  'system:ffi': object
  'system:gpu': object
  'ai:inference': { readonly models?: readonly string[]; readonly maxTokensPerDay?: number }
  'ai:embedding': { readonly models?: readonly string[]; readonly maxTokensPerDay?: number }
  'ai:training': object
  'data:database': { readonly maxBytes?: number }
  'data:memory': {
    readonly access: 'read' | 'write' | 'readwrite'
    readonly conversations?: 'current' | 'all'
  }
  'data:secrets': { readonly names: readonly string[] }
}
export type PluginPermission = keyof PermissionScopes

/** Permissions that a plugin asks for, each with a reason that the operator reads. */
export type PermissionSet = {
  readonly [K in PluginPermission]?: PermissionScopes[K] & { readonly reason: string }
}
