import * as z from 'zod'

const absolutePath = z.string().startsWith('/', 'must be an absolute path')

/** Settings under `secureStorage`. */
export const secureStorageConfig = z.strictObject({
  /**
   * Where secrets lie, encrypted: in a file of the home (the default), in that file under a key that the keychain of the session
   * keeps, or in the database (the default where servers share one).
   */
  driver: z.enum(['encrypted-file', 'keychain', 'store']).optional(),
  /** File with the master key: 32 bytes in base64 or hex, one key a line, the current one first. */
  keyFile: absolutePath.optional(),
  /** File with the passphrase that opens the master key. */
  passphraseFile: absolutePath.optional(),
  /** Starts without the master key where it is missing: alive, and not ready. */
  startSealed: z.boolean().default(false),
})
export type SecureStorageConfig = z.output<typeof secureStorageConfig>
