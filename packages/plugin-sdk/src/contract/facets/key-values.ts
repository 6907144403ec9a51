import type * as z from 'zod'

/** Whose values: one person's (the default: no other person ever reaches them), one conversation's, or the plugin's own. */
export type KeyValueScope = 'principal' | 'conversation' | 'plugin'

export interface ScopeOptions {
  readonly scope?: KeyValueScope
}
export interface SetOptions extends ScopeOptions {
  readonly ttlMs?: number
}
export interface ListOptions<S extends z.ZodType> extends ScopeOptions {
  /** Parses each value; without it values are `unknown`. */
  readonly schema?: S
  /** At most this many entries, 1,000 when absent. */
  readonly limit?: number
}

/** Small JSON values that outlive the plugin's process. Keys are at most 512 characters. */
export interface KeyValues {
  /** The parsed value, or undefined where there is none; rejects where it does not fit. */
  get<S extends z.ZodType>(key: string, schema: S, options?: ScopeOptions): Promise<z.output<S> | undefined>
  set(key: string, value: unknown, options?: SetOptions): Promise<void>
  delete(key: string, options?: ScopeOptions): Promise<void>
  /** Entries whose keys start with `prefix`, in key order. */
  list<S extends z.ZodType = z.ZodUnknown>(
    prefix: string,
    options?: ListOptions<S>,
  ): Promise<readonly { readonly key: string; readonly value: z.output<S> }[]>
  /** Sets `next` only where the value deeply equals `expected` (`undefined` = absent); false where it does not. */
  compareAndSet(
    key: string,
    change: { readonly expected: unknown; readonly next: unknown },
    options?: SetOptions,
  ): Promise<boolean>
}
