import { type Token, token } from '../token.ts'
import type { PluginInfo } from './plugin-host.ts'

/** `all` is everything that it asks for but what an operator has to name. */
export type GrantWish = 'all' | readonly string[]

export interface InstallOptions {
  readonly allowUnsigned: boolean
  readonly grant: GrantWish
}

/** A permission that a plugin asks for, and what the operator decided. */
export interface PermissionRequest {
  readonly permission: string
  readonly need: 'required' | 'optional'
  readonly state: 'granted' | 'denied' | 'pending'
  readonly reason: string
  /** Hosts, paths, names: what it would reach. */
  readonly scope: Readonly<Record<string, unknown>>
  /** `extreme` is granted by name only. */
  readonly risk: 'low' | 'medium' | 'high' | 'extreme'
  /** What it means, after "Weather wants to". */
  readonly sentence: string
}

/** One thing in which a new version differs from the one in force. */
export interface UpdateFinding {
  /** The place in the manifest, `permissions.net:outbound:https.hosts`, or `signature`. */
  readonly what: string
  /** JSON; absent where there was nothing. */
  readonly before?: unknown
  /** JSON; absent where nothing is left. */
  readonly after?: unknown
  /** Whether it may do more than before, so that it waits for an operator's consent. */
  readonly widens: boolean
}

/** A new version that waits beside the one in force. */
export interface PluginUpdate {
  readonly version: string
  /** SHA-256 of its `plugin.json`, hex: what consent is given to. */
  readonly digest: string
  readonly keyId?: string
  readonly state: 'update-pending-consent'
  readonly findings: readonly UpdateFinding[]
}

export interface PluginDetails extends PluginInfo {
  /** Absent where it comes with the server or from a folder in development. */
  readonly package?: {
    readonly description: string
    /** SHA-256 of its `plugin.json`, hex. */
    readonly digest: string
    readonly keyId?: string
    readonly installedAt: number
    readonly permissions: readonly PermissionRequest[]
  }
}

/** Installs plugins and decides what they may do; each change takes effect at once. Throws `PluginError`. */
export interface PluginRegistry {
  /** Takes a package, starts it, and resolves when it is ready or known not to be. */
  install(packed: Uint8Array, options: InstallOptions): Promise<PluginDetails>
  show(id: string): Promise<PluginDetails>
  enable(id: string): Promise<PluginDetails>
  /** Stops it and keeps it stopped over restarts. */
  disable(id: string): Promise<PluginDetails>
  /** Removes it with its grants; values that it stored stay. */
  uninstall(id: string): Promise<void>
  grant(id: string, permissions: GrantWish): Promise<PluginDetails>
  revoke(id: string, permissions: GrantWish): Promise<PluginDetails>
  /** Calls an action for an operator, by the rules of effects. */
  call(
    call: {
      readonly plugin: string
      readonly action: string
      readonly input: unknown
      readonly principalId: string
    },
    signal: AbortSignal,
  ): Promise<unknown>
}
export const PluginRegistry: Token<PluginRegistry> = token('PluginRegistry')
