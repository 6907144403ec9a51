import type { KeyRecord } from '../stores/identity/key-store.ts'
import { type Token, token } from '../token.ts'
import type { Role } from './principal.ts'

export interface NewKey {
  readonly name: string
  readonly role: Role
  readonly scopes?: readonly string[]
  readonly expiresAt?: number
}

export interface CreatedKey {
  readonly id: string
  /** Its text, seen this once. */
  readonly key: string
}

export interface ApiKeys {
  /** Throws `validation.failed` for a key that could never be used: expired, or with scopes that its role does not hold. */
  create(request: NewKey): Promise<CreatedKey>
  /**
   * Makes a key of the same name, role, scopes and end, which acts as the same principal; the old one lives on for
   * `overlapMs`. Undefined where there is no such live key.
   */
  rotate(id: string, overlapMs: number): Promise<CreatedKey | undefined>
  /** Without their hashes. */
  list(): Promise<readonly Omit<KeyRecord, 'hash'>[]>
  /** Takes effect on the next request; false where there is no such live key. */
  revoke(id: string): Promise<boolean>
}
export const ApiKeys: Token<ApiKeys> = token('ApiKeys')
