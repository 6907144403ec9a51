import { join } from 'node:path'
import { type Clock, type KeyRing, type SecretStore, type SecureStorage, systemClock } from '@covent/core'
import { anchorFile } from '../vault/anchor.ts'
import { keysOfVault } from '../vault/vault.ts'
import { rowName, vaultRow } from '../vault/vault-row.ts'
import { vaultStorage } from '../vault/vault-storage.ts'

export interface StoreStorageOptions {
  readonly secrets: SecretStore
  /** Of this server: where it notes how far the secrets were when it saw them last. */
  readonly home: string
  readonly ring: KeyRing
  readonly clock?: Clock
}

/** Ids of the keys under which the secrets of a store lie. */
export const keysOfStore = async (secrets: SecretStore): Promise<readonly string[]> => {
  const sealed = await secrets.read()
  return sealed === undefined ? [] : keysOfVault(sealed.text, rowName)
}

/** Secrets as one encrypted text in a store that servers share; none of them keeps a key there. */
export const storeStorage = ({
  secrets,
  home,
  ring,
  clock = systemClock,
}: StoreStorageOptions): SecureStorage => {
  // Not the anchor of the file: a home may have had secrets there before.
  const anchor = anchorFile(join(home, 'keys', 'shared-secrets.generation'))
  return vaultStorage(vaultRow({ secrets, anchor, clock, ring }), { store: 'store', ring, clock })
}
