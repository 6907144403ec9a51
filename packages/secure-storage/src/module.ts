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
  type Token,
  token,
} from '@covent/core'
import { ContainerModule } from 'inversify'
import type { SecureStorageConfig } from './config.ts'
import { encryptedFileStorage } from './drivers/encrypted-file.ts'
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

/** Binds `KeyRing`, `KeyRotation`, `SecureStorage` and `Secrets`. */
export const secureStorageModule = (options: SecureStorageModuleOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Keys).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (logger, health, lifecycle, mask) => {
        for (const word of options.masterKey?.reveal().split(/[\s,]+/) ?? []) mask.hide(word)
        const keys = configuredKeys(options, {
          onGenerated: (path, keyId) =>
            logger.warn('a master key was generated: back it up', { path, keyId }),
        })
        const check = () => {
          const why = keys.sealed()
          return why === undefined ? { ok: true } : { ok: false, detail: why.message }
        }
        health.add({ name: 'master-key', critical: true, check })
        return lifecycle.add(keys)
      },
      [Logger, HealthRegistry, Lifecycle, SecretMask],
    )
    bind(KeyRing).toResolvedValue((keys) => keys, [Keys])
    bind(SecureStorage).toResolvedValue(
      (ring, clock, mask) => masked(encryptedFileStorage({ home: options.home, ring, clock }), mask),
      [KeyRing, Clock, SecretMask],
    )
    bind(KeyRotation).toResolvedValue(keyRotation, [Keys, SecureStorage])
    bind(Secrets).toResolvedValue(
      (storage, mask) => storedSecrets(options.environment, storage, mask),
      [SecureStorage, SecretMask],
    )
  })
