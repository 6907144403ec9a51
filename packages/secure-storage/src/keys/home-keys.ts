import { type KeyRing, SecretError, type Service } from '@covent/core'
import type { KeyNote } from './key-note.ts'
import { keyIdOf } from './key-ring.ts'
import { keychainOrigin } from './keychain-keys.ts'
import {
  lockKeys,
  type MasterKeyOptions,
  type MasterKeys,
  masterKeys,
  newKey,
  rewriteKeys,
} from './master-key.ts'

export interface HomeKeysOptions extends Omit<MasterKeyOptions, 'inUse'> {
  /** Ids of the keys under which something lies encrypted already. */
  keysInUse(): Promise<readonly string[]>
  /** Where the key in force is noted, for what else lies under it. */
  readonly note?: KeyNote | undefined
  /** Starts without keys where they are missing; whoever needs one is told `secret.sealed`. */
  readonly startSealed?: boolean | undefined
  /** Told once of a key that was generated. */
  onGenerated?(path: string, keyId: string): void
  /** Told at the start why the keys are not in the keychain, where they should be, and where they are. */
  onFallback?(why: string, path: string): void
}

/** The master keys of a server: found when it starts, changed while it runs. */
export interface HomeKeys extends KeyRing, Service {
  /** Why there are no keys; undefined while there are. */
  sealed(): Error | undefined
  /** Why the keys are not in the keychain, where they should be. */
  fallback(): string | undefined
  /** The file from which the keys come, `COVENT_MASTER_KEY`, or `the keychain`. */
  readonly origin: string
  /** Whether the keys are this server's to change: not those of an operator's file or variable. */
  readonly isOwn: boolean
  /** Makes a new current key; the others stay. Throws where the keys are the operator's to change. */
  rotate(): Promise<void>
  /** Locks the key file by a passphrase, which each start needs from then on. */
  lock(passphrase: string): Promise<void>
  /** Forgets all keys but the current one and these. */
  retire(inUse: readonly string[]): Promise<void>
}

/** A passphrase that is given locks the home's key file from the first start on. */
const locked = async (keys: MasterKeys, options: HomeKeysOptions): Promise<MasterKeys> => {
  const { passphrase, file, mayGenerate = true } = options
  if (passphrase === undefined || !mayGenerate || keys.origin !== file || keys.isLocked === true) return keys
  return lockKeys(keys, await passphrase())
}

const found = async (options: HomeKeysOptions): Promise<MasterKeys> => {
  const inUse = new Set([...(await options.keysInUse()), ...((await options.note?.read()) ?? [])])
  const keys = await locked(await masterKeys({ ...options, inUse: [...inUse] }), options)
  await options.note?.write(keys.ring.currentId)
  if (keys.fallback !== undefined) options.onFallback?.(keys.fallback, keys.origin)
  if (keys.isNew) options.onGenerated?.(keys.origin, keys.ring.currentId)
  return keys
}

export const homeKeys = (options: HomeKeysOptions): HomeKeys => {
  let keys: MasterKeys | undefined
  let failure: unknown

  const open = (): MasterKeys => {
    if (keys !== undefined) return keys
    const why = failure instanceof Error ? failure.message : 'it has not started'
    throw new SecretError('secret.sealed', `the server has no master key: ${why}`, { cause: failure })
  }
  const isOwn = ({ origin }: MasterKeys): boolean => origin === options.file || origin === keychainOrigin
  const own = (): MasterKeys => {
    const current = open()
    if (isOwn(current)) return current
    throw new SecretError(
      'secret.key-invalid',
      `the master key comes from ${current.origin}: put a new one before it there, start again, and run \`covent secrets rotate-key\``,
    )
  }
  return {
    name: 'master keys',
    get currentId() {
      return open().ring.currentId
    },
    get ids() {
      return open().ring.ids
    },
    get origin() {
      return open().origin
    },
    get isOwn() {
      return isOwn(open())
    },
    subKey: (purpose, keyId) => open().ring.subKey(purpose, keyId),
    fallback: () => keys?.fallback,
    sealed: () => (keys === undefined ? (failure as Error | undefined) : undefined),
    async start() {
      try {
        keys = await found(options)
      } catch (error) {
        if (options.startSealed !== true) throw error
        failure = error
      }
    },
    async rotate() {
      const current = own()
      keys = await rewriteKeys(current, [newKey(), ...current.keys], options)
      await options.note?.write(keys.ring.currentId)
    },
    async lock(passphrase) {
      const current = own()
      keys = await lockKeys(current, passphrase)
    },
    async retire(inUse) {
      const current = own()
      const kept = current.keys.filter((key, n) => n === 0 || inUse.includes(keyIdOf(key)))
      keys = await rewriteKeys(current, kept, options)
    },
  }
}
