import type { KeyRecord } from '../stores/key-store.ts'
import { type Token, token } from '../token.ts'
import type { Role } from './principal.ts'

export interface NewKey {
  readonly name: string
  readonly role: Role
  readonly scopes?: readonly string[]
  readonly expiresAt?: number
}

export interface ApiKeys {
  /** Makes a key; the only time that its text is seen. */
  create(request: NewKey): Promise<{ readonly id: string; readonly key: string }>
  /** Without their hashes. */
  list(): Promise<readonly Omit<KeyRecord, 'hash'>[]>
  /** Takes effect on the next request; false where there is no such live key. */
  revoke(id: string): Promise<boolean>
}
export const ApiKeys: Token<ApiKeys> = token('ApiKeys')
