/** A plugin of the installed store, as the operator left it. */
export interface PluginRecord {
  readonly id: string
  readonly version: string
  /** SHA-256 of its `plugin.json`, hex; it is refused when the file on disk has another one. */
  readonly digest: string
  /** The key that signed it; absent where the operator let it in unsigned. */
  readonly keyId?: string
  readonly enabled: boolean
  readonly installedAt: number
}

/** What an operator decided of a permission, for exactly one artifact. */
export interface PluginGrant {
  readonly plugin: string
  /** SHA-256 of the `plugin.json` that asked for it, hex. */
  readonly digest: string
  readonly permission: string
  readonly granted: boolean
  readonly decidedAt: number
}

/** A version that is kept beside the one in force: to go back to, or until an operator consents to it. */
export interface KeptPlugin extends Omit<PluginRecord, 'enabled' | 'installedAt'> {
  readonly role: 'previous' | 'pending'
  readonly keptAt: number
}

export interface PluginStore {
  /** All, by id. */
  list(): Promise<readonly PluginRecord[]>
  find(id: string): Promise<PluginRecord | undefined>
  /** Puts it in place of another version. */
  put(record: PluginRecord): Promise<void>
  /** Removes it with its kept versions and what was decided of them; false where there is no such plugin. */
  remove(id: string): Promise<boolean>
  /** Versions of it that are kept beside the one in force, the latest kept first. */
  kept(id: string): Promise<readonly KeptPlugin[]>
  /** Of all plugins, what waits for consent, by id. */
  pending(): Promise<readonly KeptPlugin[]>
  /** Puts it in place of the same version. */
  keep(version: KeptPlugin): Promise<void>
  /** Keeps it no longer; what was decided of it goes too, unless it is in force. */
  drop(id: string, version: string): Promise<void>
  /** What was decided for that artifact, by permission. */
  grants(plugin: string, digest: string): Promise<readonly PluginGrant[]>
  /** The latest decision counts. */
  decide(grant: PluginGrant): Promise<void>
}
