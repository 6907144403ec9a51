import { type Token, token } from '../token.ts'
import type { PluginInfo } from './plugin-host.ts'
import type { TrustedKeys } from './trusted-keys.ts'

/** `all` is everything that it asks for but what an operator has to name. */
export type GrantWish = 'all' | readonly string[]

export interface InstallOptions {
  readonly allowUnsigned: boolean
  /** The plugin that it must be, where it is meant as an update. */
  readonly id?: string | undefined
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
  /** Why its package cannot be read any more; then nothing is known of its findings. */
  readonly reason?: string
}

/** What an install of a package would mean. */
export interface PluginPreview {
  readonly id: string
  readonly version: string
  readonly title?: string
  readonly description: string
  /** SHA-256 of its `plugin.json`, hex. */
  readonly digest: string
  /** Absent where nobody signed it. */
  readonly signer?: { readonly keyId: string; readonly owner: string }
  readonly permissions: readonly PermissionRequest[]
  /** What it does with secrets that it does not see, after "Weather wants to". */
  readonly secrets: readonly string[]
  /** The version in force, where there is one, and in which this one differs. */
  readonly installed?: string
  readonly findings: readonly UpdateFinding[]
  /** What its CHANGELOG.md says of the versions after the one in force. */
  readonly changelog?: string
}

export interface PluginDetails extends PluginInfo {
  readonly update?: PluginUpdate
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
/** What became of settings that an operator changed. */
export interface Reconfigured {
  readonly id: string
  /** `later`: it does not run; `refused`: it goes on with the ones before, for the reason. */
  readonly outcome: 'applied' | 'restarted' | 'later' | 'refused'
  readonly reason?: string
}

export interface PluginRegistry {
  /** All plugins, each with the update that waits beside it. */
  list(): Promise<readonly (PluginInfo & { readonly update?: Pick<PluginUpdate, 'version' | 'state'> })[]>
  /** Judges a package as `install` does, and writes and runs nothing. */
  preview(packed: Uint8Array, options: Pick<InstallOptions, 'allowUnsigned'>): Promise<PluginPreview>
  /**
   * Takes a package, starts it, and resolves when it is ready or known not to be. A newer version takes over at once
   * where it may do no more than the one in force, and keeps what was granted; else it waits beside it for consent.
   */
  install(packed: Uint8Array, options: InstallOptions): Promise<PluginDetails>
  show(id: string): Promise<PluginDetails>
  /**
   * Lets the waiting version of that digest take over, with what it newly requires. Rejects with `plugin.rolled-back`
   * where it does not start or is not well; then the old one goes on.
   */
  consent(id: string, digest: string): Promise<PluginDetails>
  /** Gives the waiting version up. */
  reject(id: string): Promise<PluginDetails>
  /** Goes back to the version before, which is kept with its grants; what was revoked since stays revoked. */
  rollback(id: string): Promise<PluginDetails>
  enable(id: string): Promise<PluginDetails>
  /** Stops it and keeps it stopped over restarts. */
  disable(id: string): Promise<PluginDetails>
  /** Removes it with its grants; values that it stored stay. */
  uninstall(id: string): Promise<void>
  /** Whose packages come in. */
  readonly trust: TrustedKeys
  /**
   * Reads `plugins.config` anew, and hands each plugin what is different: to its `onConfigChange`, else by a reload without
   * loss. Throws where the configuration cannot be read; then nothing has changed.
   */
  reconfigure(): Promise<readonly Reconfigured[]>
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
