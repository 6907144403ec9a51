import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { adminSocketPath, apiClient } from '@covent/api/client'
import { AppError, SecureStorage } from '@covent/core'
import {
  configuredKeys,
  encryptedFileStorage,
  type HomeKeys,
  keychainOrigin,
  keysOfFile,
  looksLikeSecret,
  systemKeychain,
} from '@covent/secure-storage'
import { loadServerConfig, type ServerConfig, settingsSchema } from '../config.ts'
import type { Check } from './doctor.ts'
import { openOffline } from './open-offline.ts'

interface Surroundings {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

const failing = (name: string, error: unknown, remedy: string): Check => ({
  name,
  ok: false,
  detail: AppError.is(error) ? error.message : String(error),
  remedy,
})

/** What a key file protects from, by where it lies. */
const placeOf = (file: string, home: string): string =>
  file.startsWith(`${home}/`)
    ? 'it lies in the home, apart from data/: copies of data/ alone say nothing, who reads the whole home reads all. To move it: put it elsewhere (a systemd credential, a mounted secret), and name that file in secureStorage.keyFile'
    : 'it lies apart from the home'

const fileCheck = (origin: string, keyId: string, home: string): Check => {
  const name = 'master key'
  const mode = statSync(origin).mode & 0o777
  const detail = `${keyId}, from ${origin}, mode 0${mode.toString(8)}; ${placeOf(origin, home)}`
  return (mode & 0o077) === 0
    ? { name, ok: true, detail }
    : { name, ok: false, detail, remedy: `chmod 600 ${origin}, and rotate the key if others could read it` }
}

const keyCheck = (keys: HomeKeys, home: string): Check => {
  const { origin, currentId } = keys
  const name = 'master key'
  if (origin === keychainOrigin)
    return { name, ok: true, detail: `${currentId}, from the keychain of this session` }
  if (origin === 'COVENT_MASTER_KEY')
    return { name, ok: true, detail: `${currentId}, from COVENT_MASTER_KEY in the environment` }
  const check = fileCheck(origin, currentId, home)
  const why = keys.fallback()
  if (why === undefined || !check.ok) return check
  const remedy =
    'Mend that and run `covent secrets rotate-key`, or set secureStorage.driver to encrypted-file.'
  return { name, ok: false, detail: `${currentId}, from ${origin} and not the keychain: ${why}`, remedy }
}

/** Keys that are found and never made; the secrets of a file under them. */
const openHome = async (config: ServerConfig) => {
  const settings = { ...config.secureStorage, ...config, startSealed: false }
  const isShared = config.secureStorage.driver === 'store'
  const keys = configuredKeys(settings, {
    mayGenerate: false,
    ...(isShared && { keysInUse: async () => [] }), // the database is asked with the secrets
  })
  await keys.start!()
  return { keys, storage: encryptedFileStorage({ home: config.home, ring: keys }) }
}

/** Works with the secrets of the database, where no server has it open. */
const onDatabase = async <T>(
  surroundings: Surroundings,
  work: (storage: SecureStorage) => Promise<T>,
): Promise<T> => {
  const offline = await openOffline(surroundings, [SecureStorage])
  return work(offline.get(SecureStorage)).finally(() => offline.stop())
}

/** Names of all that are kept: from the running server, else from the home; none where nothing opens. */
export const keptNames = async (
  config: ServerConfig,
  surroundings: Surroundings,
): Promise<readonly string[]> => {
  const names = async (of: Pick<SecureStorage, 'list'>): Promise<readonly string[]> =>
    (await of.list()).map(({ name }) => name)
  try {
    const { secrets } = apiClient({ socketPath: adminSocketPath(config.home) })
    return (await secrets.list()).map(({ name }) => name)
  } catch {
    // No server runs, or it is sealed: the checks of server and key say so.
  }
  try {
    if (config.secureStorage.driver === 'store') return await onDatabase(surroundings, names)
    return await names((await openHome(config)).storage)
  } catch {
    return [] // the check of the key says why
  }
}

const openEach = async (storage: SecureStorage): Promise<Check> => {
  const all = await storage.list()
  for (const { name } of all) await storage.get(name)
  const none = 'none yet: set one with `covent secrets set NAME`'
  return { name: 'secrets', ok: true, detail: all.length === 0 ? none : `${all.length}, each opens` }
}

const openShared = async (config: ServerConfig, surroundings: Surroundings): Promise<Check> => {
  try {
    return await onDatabase(surroundings, openEach)
  } catch (error) {
    if (!AppError.is(error, 'config.home-in-use')) throw error
    const names = await keptNames(config, surroundings)
    return { name: 'secrets', ok: true, detail: `${names.length} in the database of the running server` }
  }
}

const opened = async (config: ServerConfig, surroundings: Surroundings): Promise<readonly Check[]> => {
  const home = await openHome(config).catch((error: unknown) => ({ error }))
  if ('error' in home)
    return [failing('master key', home.error, 'Put the key back; no other one opens what lies under it.')]
  const { keys, storage } = home
  const key = keyCheck(keys, config.home)
  const isShared = config.secureStorage.driver === 'store'
  try {
    return [key, await (isShared ? openShared(config, surroundings) : openEach(storage))]
  } catch (error) {
    const what = isShared ? 'the database' : 'data/secrets.json'
    return [key, failing('secrets', error, `Restore ${what} from a backup.`)]
  }
}

const hasKeychainKey = async (home: string): Promise<boolean> =>
  (await systemKeychain({ home })
    .read()
    .catch(() => undefined)) !== undefined

const isNew = async ({ home, masterKey, secureStorage }: ServerConfig): Promise<boolean> =>
  secureStorage.driver !== 'store' &&
  secureStorage.keyFile === undefined &&
  masterKey === undefined &&
  !existsSync(join(home, 'keys', 'master.key')) &&
  !(secureStorage.driver === 'keychain' && (await hasKeychainKey(home))) &&
  (await keysOfFile(home).then(
    (ids) => ids.length === 0,
    () => false,
  ))

/** Paths of settings whose value is a provider's key, or an address with a password. */
const plaintextIn = (value: unknown, path: string): readonly string[] => {
  if (typeof value === 'string')
    return looksLikeSecret(value) || (URL.parse(value)?.password ?? '') !== '' ? [path] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    plaintextIn(item, path === '' ? key : `${path}.${key}`),
  )
}

const plaintext = async ({ home }: ServerConfig, { argv }: Surroundings): Promise<Check> => {
  const config = await loadServerConfig(argv, { COVENT_HOME: home }) // of the file alone
  const settings = Object.fromEntries(
    Object.entries(config).filter(([name]) => Object.hasOwn(settingsSchema.shape, name)),
  )
  const found = plaintextIn(settings, '')
  return found.length === 0
    ? { name: 'plaintext secrets', ok: true, detail: 'none in covent.json' }
    : {
        name: 'plaintext secrets',
        ok: false,
        detail: `${found.join(', ')} in covent.json ${found.length === 1 ? 'looks' : 'look'} like a secret`,
        remedy:
          'Keep it with `covent secrets set NAME` and name it in the setting; where a setting takes the value itself, give it by its COVENT_ variable.',
      }
}

/** Where the master key is, what that protects from, whether every secret opens, and what lies in the clear. */
export const checkSecrets = async (
  config: ServerConfig,
  surroundings: Surroundings,
): Promise<readonly Check[]> => {
  const fresh: Check = { name: 'master key', ok: true, detail: 'will be generated at the first start' }
  return [
    ...((await isNew(config)) ? [fresh] : await opened(config, surroundings)),
    await plaintext(config, surroundings),
  ]
}

/** `checkSecrets` of the home that the surroundings name. */
export const secretChecks = async (surroundings: Surroundings): Promise<readonly Check[]> =>
  checkSecrets(await loadServerConfig(surroundings.argv, surroundings.env), surroundings)
