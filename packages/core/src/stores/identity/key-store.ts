import type { Role } from '../../auth/principal.ts'

/** An API key at rest: never the key itself, only its SHA-256. */
export interface KeyRecord {
  readonly id: string
  readonly name: string
  /** SHA-256 of the key, hex. */
  readonly hash: string
  readonly role: Role
  /** All that the role allows, when absent. */
  readonly scopes?: readonly string[]
  /** As whom it acts: of a rotated key the one that it replaces, so that all stays theirs. Its own id, when absent. */
  readonly principalId?: string
  readonly createdAt: number
  readonly expiresAt?: number
  readonly lastUsedAt?: number
  readonly revokedAt?: number
}

export interface KeyStore {
  create(key: KeyRecord): Promise<void>
  findByHash(hash: string): Promise<KeyRecord | undefined>
  /** All keys, revoked ones too, oldest first. */
  list(): Promise<readonly KeyRecord[]>
  /** False where there is no such live key. */
  revoke(id: string, at: number): Promise<boolean>
  /**
   * Adds `next` and brings the end of the live key `id` forward to `endsAt`, both or neither; false where there is no
   * such live key at `next.createdAt`.
   */
  replace(id: string, next: KeyRecord, endsAt: number): Promise<boolean>
  /** Notes a use; may be written late. */
  touch(id: string, at: number): Promise<void>
}
