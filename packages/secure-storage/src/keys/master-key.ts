import { randomBytes } from 'node:crypto'
import { type KeyRing, SecretError } from '@covent/core'
import { readText, removeDurably, writeDurably } from '../vault/durable-file.ts'
import { keyRing } from './key-ring.ts'
import { formatKeys, parseKeys } from './key-text.ts'
import { keepIn, type Keychain, keychainOrigin, probe } from './keychain-keys.ts'
import { openSealed, seal } from './passphrase.ts'

export interface MasterKeyOptions {
  /** A file that the operator names (`secureStorage.keyFile`); it must exist. */
  readonly keyFile?: string | undefined
  /** The text of `COVENT_MASTER_KEY`. */
  readonly text?: string | undefined
  /** Where a key is generated when neither is given, and no keychain takes it. */
  readonly file: string
  /** Asked before `file`, and keeps what is generated. */
  readonly keychain?: Keychain | undefined
  /** Opens a key file that is locked by a passphrase; asked at most once. */
  passphrase?(): Promise<string>
  /** Ids of the keys under which something lies encrypted already: all must be there, and none is generated. */
  readonly inUse: readonly string[]
  /** False where other servers share what is encrypted: a key that this one makes could open none of theirs. */
  readonly mayGenerate?: boolean | undefined
}

/** A ring, and where its keys come from. */
export interface MasterKeys {
  readonly ring: KeyRing
  /** A file's path, `COVENT_MASTER_KEY`, or `the keychain`. */
  readonly origin: string
  readonly isNew: boolean
  readonly keys: readonly Uint8Array[]
  /** Whether a passphrase opened their file. */
  readonly isLocked?: boolean
  /** Why they are not in the keychain, where they should be. */
  readonly fallback?: string
}

const found = (keys: readonly Uint8Array[], origin: string, more: Partial<MasterKeys> = {}): MasterKeys => ({
  ring: keyRing(keys),
  origin,
  isNew: false,
  keys,
  ...more,
})

const generate = async ({ file, keychain }: MasterKeyOptions): Promise<MasterKeys> => {
  const keys = [newKey()]
  const fallback = keychain && (await keepIn(keychain, keys))
  if (keychain !== undefined && fallback === undefined) return found(keys, keychainOrigin, { isNew: true })
  await writeDurably(file, formatKeys(keys))
  return found(keys, file, { isNew: true, ...(fallback !== undefined && { fallback }) })
}

const unlock = async (text: string, file: string, { passphrase }: MasterKeyOptions): Promise<string> => {
  if (!text.startsWith('{')) return text
  if (passphrase !== undefined) return openSealed(text, await passphrase(), file)
  throw new SecretError(
    'secret.sealed',
    `${file} is locked by a passphrase: name a file with it in secureStorage.passphraseFile`,
  )
}

const readKeys = async (file: string, options: MasterKeyOptions): Promise<MasterKeys | undefined> => {
  const text = await readText(file).catch((cause: NodeJS.ErrnoException) => {
    throw new SecretError('secret.key-missing', `the master key in ${file} cannot be read (${cause.code})`, {
      cause,
    })
  })
  if (text === undefined) return undefined
  return found(parseKeys(await unlock(text, file, options), file), file, { isLocked: text.startsWith('{') })
}

const notYet =
  'it was made before the keychain was to keep it: `covent secrets rotate-key` makes one in the keychain'

/** The keys of this server: from the keychain, where that has some, and from the file in the home. */
const ownKeys = async (options: MasterKeyOptions): Promise<MasterKeys | undefined> => {
  const { file, keychain, inUse } = options
  const own = await readKeys(file, options)
  if (keychain === undefined) return own
  const held = await probe(keychain)
  if (held.kind === 'keys') return found([...held.keys, ...(own?.keys ?? [])], keychainOrigin)
  if (own !== undefined) return { ...own, fallback: held.kind === 'silent' ? held.why : notYet }
  if (held.kind === 'silent' && inUse.length > 0)
    throw missing(options, `${held.why}, and ${file} is not there`, 'unlock the keychain and start again')
  return undefined
}

const missing = ({ inUse }: MasterKeyOptions, why: string, remedy: string): SecretError => {
  const data = inUse.length === 0 ? '' : `, and what this home keeps lies under the key ${inUse.join(', ')}`
  return new SecretError('secret.key-missing', `${why}${data}: ${remedy}`)
}

const find = async (options: MasterKeyOptions): Promise<MasterKeys> => {
  const { keyFile, text, file, inUse, mayGenerate = true } = options
  if (keyFile !== undefined) {
    const named = await readKeys(keyFile, options)
    if (named !== undefined) return named
    throw missing(options, `secureStorage.keyFile names ${keyFile}, which is not there`, 'put it back')
  }
  if (text !== undefined && text !== '')
    return found(parseKeys(text, 'COVENT_MASTER_KEY'), 'COVENT_MASTER_KEY')
  const own = await ownKeys(options)
  if (own !== undefined) return own
  if (inUse.length > 0) throw missing(options, `${file} is not there`, 'put that key back')
  if (mayGenerate) return generate(options)
  throw missing(
    options,
    'servers that share their secrets share a key, and there is none',
    'make one by `openssl rand -base64 32`, and name its file in secureStorage.keyFile or give it as COVENT_MASTER_KEY',
  )
}

/**
 * Finds the master keys: in the operator's file, else in the variable, else in the keychain, else in the home's own file; they
 * are generated for a home that holds nothing encrypted. Throws `secret.key-missing` otherwise, and `secret.key-unknown` where one that is in use
 * is not among them.
 */
export const masterKeys = async (options: MasterKeyOptions): Promise<MasterKeys> => {
  const keys = await find(options)
  const lost = options.inUse.filter((id) => !keys.ring.ids.includes(id))
  if (lost.length === 0) return keys
  throw new SecretError(
    'secret.key-unknown',
    `what this home keeps lies under the key ${lost.join(', ')}, and ${keys.origin} holds ${keys.ring.ids.join(', ')}: put that key back, or beside it`,
  )
}

/**
 * Writes other keys where these came from. What lay in the home's file goes to the keychain, where that should keep it and
 * answers now; a file that is locked by a passphrase stays so.
 */
export const rewriteKeys = async (
  { origin }: MasterKeys,
  keys: readonly Uint8Array[],
  { keychain, file, passphrase }: Pick<MasterKeyOptions, 'keychain' | 'file' | 'passphrase'>,
): Promise<MasterKeys> => {
  const why = keychain && (await keepIn(keychain, keys))
  if (keychain !== undefined && why === undefined) {
    await removeDurably(file)
    return found(keys, keychainOrigin)
  }
  if (origin === keychainOrigin)
    throw new SecretError('secret.store-unavailable', `${why}; the master key is as it was`)
  const isLocked = (await readText(origin))?.startsWith('{') === true
  const text = formatKeys(keys)
  await writeDurably(origin, isLocked ? JSON.stringify(await seal(text, await passphrase!())) : text)
  return found(keys, origin, { isLocked, ...(why !== undefined && { fallback: why }) })
}

/** Locks the file that these came from. */
export const lockKeys = async (keys: MasterKeys, passphrase: string): Promise<MasterKeys> => {
  if (keys.origin === keychainOrigin)
    throw new SecretError(
      'secret.key-invalid',
      'the master key is in the keychain, which has a lock of its own',
    )
  await writeDurably(keys.origin, JSON.stringify(await seal(formatKeys(keys.keys), passphrase)))
  return { ...keys, isLocked: true }
}

export const newKey = (): Uint8Array => new Uint8Array(randomBytes(32))
