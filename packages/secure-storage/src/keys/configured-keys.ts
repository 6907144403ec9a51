import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Secret, SecretError } from '@covent/core'
import type { SecureStorageConfig } from '../config.ts'
import { keysOfFile } from '../drivers/encrypted-file.ts'
import { systemKeychain } from '../drivers/keychain.ts'
import { keyNote } from './key-note.ts'
import { type HomeKeys, homeKeys, type HomeKeysOptions } from './home-keys.ts'

export interface KeySettings extends SecureStorageConfig {
  readonly home: string
  /** The text of `COVENT_MASTER_KEY`. */
  readonly masterKey?: Secret | undefined
}

const passphraseIn = (path: string) => async (): Promise<string> => {
  try {
    return (await readFile(path, 'utf8')).trimEnd()
  } catch (cause) {
    throw new SecretError(
      'secret.sealed',
      `secureStorage.passphraseFile names ${path}, which cannot be read`,
      { cause },
    )
  }
}

/** The master keys of a home, from where its settings say. */
export const configuredKeys = (
  { home, driver, keyFile, passphraseFile, startSealed, masterKey }: KeySettings,
  options: Pick<HomeKeysOptions, 'onGenerated' | 'onFallback' | 'mayGenerate'> &
    Partial<Pick<HomeKeysOptions, 'keysInUse'>> = {},
): HomeKeys =>
  homeKeys({
    file: join(home, 'keys', 'master.key'),
    keyFile,
    text: masterKey?.reveal(),
    startSealed,
    ...(driver === 'keychain' && { keychain: systemKeychain({ home }) }),
    ...(passphraseFile !== undefined && { passphrase: passphraseIn(passphraseFile) }),
    keysInUse: () => keysOfFile(home),
    note: keyNote(home),
    ...options,
  })
