import { type Token, token } from '../../token.ts'

/** What may be told of a secret. */
export interface SecretInfo {
  readonly name: string
  /** Counts its values from 1. */
  readonly version: number
  /** The key under which it lies; absent where the driver encrypts by itself. */
  readonly keyId?: string
  readonly createdAt: number
  readonly updatedAt: number
}

/**
 * Keeps secrets encrypted. Names are written in capitals, with `_` for `-` and `.`: `openai-key` and
 * `OPENAI_KEY` are the same. Throws `SecretError`: anything that is not as it was written is `secret.integrity-broken`.
 */
export interface SecureStorage {
  /** The value, or undefined where there is none of that name. */
  get(name: string): Promise<string | undefined>
  /** Resolves when it is durable. */
  set(name: string, value: string): Promise<SecretInfo>
  /** False where there was none. */
  delete(name: string): Promise<boolean>
  /** By name; never with values. */
  list(): Promise<readonly SecretInfo[]>
  /** Encrypts anew whatever does not lie under the current key; reads and writes go on meanwhile. Says how many. */
  rewrap(): Promise<number>
}
export const SecureStorage: Token<SecureStorage> = token('SecureStorage')
