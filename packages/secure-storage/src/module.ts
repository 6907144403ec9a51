import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  Clock,
  HealthRegistry,
  KeyRing,
  KeyRotation,
  Lifecycle,
  Logger,
  SecretError,
  Secrets,
  SecureStorage,
  type Token,
  token,
} from '@covent/core'
import { ContainerModule } from 'inversify'
import type { SecureStorageConfig } from './config.ts'
import { encryptedFileStorage, vaultPath } from './drivers/encrypted-file.ts'
import { type HomeKeys, homeKeys } from './keys/home-keys.ts'
import { keyRotation } from './keys/key-rotation.ts'
import { storedSecrets } from './secrets.ts'

export interface SecureStorageModuleOptions extends SecureStorageConfig {
  readonly home: string
  /** Secrets that come from outside and are asked first. */
  readonly environment: Secrets
  /** The text of `COVENT_MASTER_KEY`. */
  readonly masterKey?: string | undefined
}

const Keys: Token<HomeKeys> = token('secure-storage.Keys')

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

const keysOf = (options: SecureStorageModuleOptions, logger: Logger): HomeKeys => {
  const { home, keyFile, passphraseFile, startSealed, masterKey } = options
  return homeKeys({
    file: join(home, 'keys', 'master.key'),
    keyFile,
    text: masterKey,
    startSealed,
    ...(passphraseFile !== undefined && { passphrase: passphraseIn(passphraseFile) }),
    holdsData: async () => existsSync(vaultPath(home)),
    onGenerated: (path, keyId) => logger.warn('a master key was generated: back it up', { path, keyId }),
  })
}

/** Binds `KeyRing`, `KeyRotation`, `SecureStorage` and `Secrets`. */
export const secureStorageModule = (options: SecureStorageModuleOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Keys).toResolvedValue(
      (logger, health, lifecycle) => {
        const keys = keysOf(options, logger)
        const check = () => {
          const why = keys.sealed()
          return why === undefined ? { ok: true } : { ok: false, detail: why.message }
        }
        health.add({ name: 'master-key', critical: true, check })
        return lifecycle.add(keys)
      },
      [Logger, HealthRegistry, Lifecycle],
    )
    bind(KeyRing).toResolvedValue((keys) => keys, [Keys])
    bind(SecureStorage).toResolvedValue(
      (ring, clock) => encryptedFileStorage({ home: options.home, ring, clock }),
      [KeyRing, Clock],
    )
    bind(KeyRotation).toResolvedValue(keyRotation, [Keys, SecureStorage])
    bind(Secrets).toResolvedValue((storage) => storedSecrets(options.environment, storage), [SecureStorage])
  })
