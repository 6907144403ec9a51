/** A key whose signatures on packages count, for the ids of its namespaces. Times are ISO 8601. */
export interface TrustedKey {
  readonly keyId: string
  /** SPKI in DER, base64. */
  readonly publicKey: string
  readonly owner: string
  readonly namespaces: readonly string[]
  readonly addedAt: string
  readonly expires?: string | undefined
  readonly revoked?: string | undefined
}

export interface TrustWish extends Pick<TrustedKey, 'publicKey' | 'owner' | 'namespaces'> {
  /** Epoch, ms; from then on it lets in nothing new. */
  readonly expiresAt?: number | undefined
}

/** Whose signatures this server believes. What they signed starts or stops at once. Throws `ClientError`. */
export interface TrustedKeys {
  list(): Promise<readonly TrustedKey[]>
  /** Puts a key in, in place of what was said of it before. */
  add(wish: TrustWish): Promise<TrustedKey>
  /** Keeps it in the list as revoked. */
  revoke(keyId: string): Promise<void>
  remove(keyId: string): Promise<void>
}
