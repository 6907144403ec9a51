export const roles = ['owner', 'operator', 'user', 'guest'] as const
export type Role = (typeof roles)[number]

/** Who acts: a key, a paired device, the operator at the machine itself, a plugin. */
export interface Principal {
  readonly id: string
  readonly kind: 'key' | 'device' | 'local' | 'plugin'
  readonly role: Role
  /** All that the role allows, when absent. */
  readonly scopes?: readonly string[]
}

/** Who comes through the admin socket, which only the operator's own user can open. */
export const localPrincipal: Principal = { id: 'local', kind: 'local', role: 'owner' }
