/** Whose values these are: one plugin's, and within it one owner's (a principal, a conversation, or the plugin itself). */
export interface Namespace {
  readonly plugin: string
  readonly scope: 'principal' | 'conversation' | 'plugin'
  /** Id of the principal or conversation; empty for `plugin`. */
  readonly owner: string
}

export interface WriteOptions {
  /** Names the write; a repeat under the same name changes nothing and answers as the first did. */
  readonly operationId: string
  readonly nowMs: number
  readonly expiresAt?: number
  /** At most this many bytes of keys and values for the whole plugin; over it `plugin.quota-exceeded`. */
  readonly quotaBytes?: number
}

/** Small JSON values that a plugin keeps. */
export interface KeyValueStore {
  get(namespace: Namespace, key: string, nowMs: number): Promise<unknown>
  /** Live keys that start with `prefix`, with their values, in key order. */
  list(
    namespace: Namespace,
    prefix: string,
    options: { readonly limit: number; readonly nowMs: number },
  ): Promise<readonly { readonly key: string; readonly value: unknown }[]>
  set(namespace: Namespace, key: string, value: unknown, options: WriteOptions): Promise<void>
  delete(namespace: Namespace, key: string, options: WriteOptions): Promise<void>
  /** Sets only where the value is deeply equal to `expected` (`undefined` = absent); false where it is not. */
  compareAndSet(
    namespace: Namespace,
    key: string,
    change: { readonly expected: unknown; readonly next: unknown },
    options: WriteOptions,
  ): Promise<boolean>
  /** Bytes of keys and values that stand for a plugin, over all owners. */
  sizeBytes(plugin: string): Promise<number>
  /** Forgets the names of writes made before `beforeMs`, whose turns have ended. */
  forgetOperations(beforeMs: number): Promise<void>
}
