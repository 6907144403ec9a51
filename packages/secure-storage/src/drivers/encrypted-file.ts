import { join } from 'node:path'
import { type Clock, type KeyRing, type SecureStorage, systemClock } from '@covent/core'
import { readText } from '../vault/durable-file.ts'
import { keysOfVault } from '../vault/vault.ts'
import { vaultFile } from '../vault/vault-file.ts'
import { vaultStorage } from '../vault/vault-storage.ts'

export interface EncryptedFileOptions {
  readonly home: string
  readonly ring: KeyRing
  readonly clock?: Clock
}

const vaultPath = (home: string): string => join(home, 'data', 'secrets.json')

/** Ids of the keys under which the secrets of a home lie. */
export const keysOfFile = async (home: string): Promise<readonly string[]> => {
  const path = vaultPath(home)
  const text = await readText(path)
  return text === undefined ? [] : keysOfVault(text, path)
}

/** Secrets in one encrypted file of the home. */
export const encryptedFileStorage = ({
  home,
  ring,
  clock = systemClock,
}: EncryptedFileOptions): SecureStorage => {
  const anchorPath = join(home, 'keys', 'secrets.generation')
  const file = vaultFile({ path: vaultPath(home), anchorPath, clock, ring })
  return vaultStorage(file, { store: 'file', ring, clock })
}
