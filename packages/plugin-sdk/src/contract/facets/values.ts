/** The names that the permission `K` of the permissions `P` lists. */
export type ListedNames<P, K extends PropertyKey> = P extends {
  readonly [k in K]: { readonly names: readonly (infer Name extends string)[] }
}
  ? Name
  : never

/** Variables of the server's environment. */
export interface Environment<Name extends string> {
  /** The value, or undefined where it is not set. */
  get(name: Name): Promise<string | undefined>
}

/** Secrets that the plugin may see. Each reading stands in the audit. */
export interface ReadableSecrets<Name extends string> {
  /** The value; rejects where there is none. The server's log hides it. */
  get(name: Name): Promise<string>
}
