import { AppError } from '@covent/core'
import { keyWords, parseKeys } from './key-text.ts'

/** Where the session of a user keeps what only he may read: one text for each home. */
export interface Keychain {
  /** Undefined where it keeps none. Throws `secret.store-unavailable` where no keychain answers. */
  read(): Promise<string | undefined>
  /** Replaces the text; it has been read back when this resolves. */
  write(text: string): Promise<void>
}

/** Where keys come from that a keychain keeps, as messages say it. */
export const keychainOrigin = 'the keychain'

/** What a keychain answers: keys, none yet, or nothing at all. */
export type Probed =
  | { readonly kind: 'keys'; readonly keys: readonly Uint8Array[] }
  | { readonly kind: 'empty' }
  | { readonly kind: 'silent'; readonly why: string }

export const probe = async (keychain: Keychain): Promise<Probed> => {
  try {
    const text = await keychain.read()
    return text === undefined ? { kind: 'empty' } : { kind: 'keys', keys: parseKeys(text, keychainOrigin) }
  } catch (error) {
    if (!AppError.is(error, 'secret.store-unavailable')) throw error
    return { kind: 'silent', why: error.message }
  }
}

/** Why it did not take them; undefined where it did. */
export const keepIn = async (
  keychain: Keychain,
  keys: readonly Uint8Array[],
): Promise<string | undefined> => {
  try {
    await keychain.write(keyWords(keys))
    return undefined
  } catch (error) {
    if (!AppError.is(error, 'secret.store-unavailable')) throw error
    return error.message
  }
}
