import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ClientError, ConfigurationError } from '@covent/core'
import { keyIdOf } from './signature.ts'

export interface MadeKey {
  readonly keyId: string
  readonly privateKey: string
  readonly publicKey: string
}

/** Writes a new Ed25519 key to `file`, mode 0600, and its public half to `file.pub`; refuses to write over one. */
export const makeSigningKey = async (file: string): Promise<MadeKey> => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const put = (path: string, text: string | Buffer, mode: number): Promise<void> =>
    writeFile(path, text, { mode, flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EEXIST' ? 'is there already and is not written over' : 'cannot be written'
      throw new ConfigurationError('config.unreadable', `${path} ${why}`, { cause })
    })
  await put(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600)
  await put(`${file}.pub`, publicKey.export({ type: 'spki', format: 'pem' }), 0o644)
  return { keyId: keyIdOf(publicKey), privateKey: file, publicKey: `${file}.pub` }
}

const readKey = async (file: string, read: (pem: string) => KeyObject): Promise<KeyObject> => {
  const problem = (why: string, cause?: unknown): ConfigurationError =>
    new ConfigurationError('config.unreadable', `${file} ${why}`, { cause })
  const pem = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw problem('cannot be read; `covent plugin keygen` makes a key', cause)
  })
  try {
    const key = read(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw problem('is not a key in PEM', cause)
  }
  throw problem('is not an Ed25519 key')
}

export const readPrivateKey = (file: string): Promise<KeyObject> => readKey(file, createPrivateKey)

/** A public key as the trust store writes it: SPKI in DER, base64. */
export const publicKeyOf = (text: string): KeyObject => {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // What it is instead is of no use to who sent it.
  }
  throw new ClientError('request.malformed', 'publicKey is no Ed25519 key as SPKI in DER, base64')
}

/** A private key's file would do as well; only its public half is taken. */
export const readPublicKey = (file: string): Promise<KeyObject> => readKey(file, createPublicKey)
