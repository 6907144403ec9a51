import {
  Clock,
  HealthRegistry,
  KeyRing,
  KeyRotation,
  Lifecycle,
  Logger,
  type Secret,
  SecretMask,
  Secrets,
  SecureStorage,
  type SecretStore,
  Stores,
  type Token,
  token,
} from '@covent/core'
import { ContainerModule } from 'inversify'
import type { SecureStorageConfig } from './config.ts'
import { encryptedFileStorage } from './drivers/encrypted-file.ts'
import { keysOfStore, storeStorage } from './drivers/store.ts'
import { configuredKeys } from './keys/configured-keys.ts'
import type { HomeKeys } from './keys/home-keys.ts'
import { keyRotation } from './keys/key-rotation.ts'
import { masked, storedSecrets } from './secrets.ts'

export interface SecureStorageModuleOptions extends SecureStorageConfig {
  readonly home: string
  /** Secrets that come from outside and are asked first. */
  readonly environment: Secrets
  /** The text of `COVENT_MASTER_KEY`. */
  readonly masterKey?: Secret | undefined
}

const Keys: Token<HomeKeys> = token('secure-storage.Keys')

/** The store of driver `store`. */
const Shared: Token<SecretStore | undefined> = token('secure-storage.Shared')

/** Binds `KeyRing`, `KeyRotation`, `SecureStorage` and `Secrets`. */
export const secureStorageModule = (options: SecureStorageModuleOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    if (options.driver === 'store') bind(Shared).toResolvedValue(({ secrets }) => secrets, [Stores])
    else bind(Shared).toConstantValue(undefined)
    bind(Keys).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (logger, health, lifecycle, mask, shared) => {
        for (const word of options.masterKey?.reveal().split(/[\s,]+/) ?? []) mask.hide(word)
        const keys = configuredKeys(options, {
          ...(shared && { keysInUse: () => keysOfStore(shared), mayGenerate: false }),
          onGenerated: (path, keyId) =>
            logger.warn('a master key was generated: back it up', { path, keyId }),
          onFallback: (why, path) =>
            logger.warn('the master key is not in the keychain, but in a file', { why, path }),
        })
        const check = () => {
          const why = keys.sealed()
          return why === undefined ? { ok: true } : { ok: false, detail: why.message }
        }
        health.add({ name: 'master-key', critical: true, check })
        return lifecycle.add(keys)
      },
      [Logger, HealthRegistry, Lifecycle, SecretMask, Shared],
    )
    bind(KeyRing).toResolvedValue((keys) => keys, [Keys])
    bind(SecureStorage).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (ring, clock, mask, secrets) => {
        const { home } = options
        const storage =
          secrets === undefined
            ? encryptedFileStorage({ home, ring, clock })
            : storeStorage({ home, ring, clock, secrets })
        return masked(storage, mask)
      },
      [KeyRing, Clock, SecretMask, Shared],
    )
    bind(KeyRotation).toResolvedValue(keyRotation, [Keys, SecureStorage])
    bind(Secrets).toResolvedValue(
      (storage, mask) => storedSecrets(options.environment, storage, mask),
      [SecureStorage, SecretMask],
    )
  })
