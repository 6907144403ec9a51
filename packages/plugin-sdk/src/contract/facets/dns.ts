type At<Name extends string> = Name extends `*.${infer Domain}` ? `${string}.${Domain}` : Name

/** The names that the permissions `P` cover. */
export type NamesOf<P> = P extends {
  readonly 'net:dns': { readonly names: readonly (infer Name extends string)[] }
}
  ? At<Name>
  : never

export interface Dns<Name extends string> {
  /** IPv4 and IPv6 addresses of a name. Rejects with `egress.name-unresolved` where it has none. */
  resolve(name: Name): Promise<readonly string[]>
}
