import { type Token, token } from '../../token.ts'

/** Master keys: the current one, under which things are encrypted, and earlier ones, under which they may still lie. */
export interface KeyRing {
  /** Id of the current key; tells nothing of the key. */
  readonly currentId: string
  /** Of all keys, the current one first. */
  readonly ids: readonly string[]
  /**
   * 32 bytes for one purpose, by HKDF-SHA256 of a key: those of one purpose say nothing of another's. Throws
   * `secret.key-unknown` for an id that the ring does not hold.
   */
  subKey(purpose: string, keyId?: string): Uint8Array
}
export const KeyRing: Token<KeyRing> = token('KeyRing')

/** Changes the ring of a server while it runs. */
export interface KeyRotation {
  /** Makes a new current key and encrypts every secret anew under it. Throws where the keys are the operator's to change. */
  rotate(): Promise<{ readonly keyId: string; readonly rewrapped: number }>
}
export const KeyRotation: Token<KeyRotation> = token('KeyRotation')
