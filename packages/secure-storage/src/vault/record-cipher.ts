import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { type KeyRing, SecretError } from '@covent/core'

/** An encrypted value as it lies on disk or in a database. */
export interface SealedValue {
  readonly name: string
  readonly version: number
  readonly keyId: string
  /** 96-bit IV, ciphertext and tag in base64url. */
  readonly data: string
}

export interface RecordCipher {
  seal(name: string, version: number, value: string): SealedValue
  /** Throws `secret.integrity-broken` where it is not what was sealed under that name and version. */
  open(sealed: SealedValue): string
}

const ivBytes = 12
const tagBytes = 16

/** AES-256-GCM, with store, name, version and key as associated data: none of them can be exchanged. */
export const recordCipher = (store: string, ring: KeyRing): RecordCipher => {
  const keys = new Map<string, KeyObject>()
  const keyOf = (keyId: string): KeyObject => {
    const key = keys.get(keyId) ?? createSecretKey(ring.subKey('secrets', keyId))
    keys.set(keyId, key)
    return key
  }
  const aadOf = ({ name, version, keyId }: Omit<SealedValue, 'data'>): Buffer =>
    Buffer.from(`covent-secret-1\0${store}\0${name}\0${version}\0${keyId}`)
  return {
    seal(name, version, value) {
      const keyId = ring.currentId
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', keyOf(keyId), iv).setAAD(aadOf({ name, version, keyId }))
      const text = Buffer.concat([iv, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return { name, version, keyId, data: text.toString('base64url') }
    },
    open(sealed) {
      const key = keyOf(sealed.keyId)
      const bytes = Buffer.from(sealed.data, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
          authTagLength: tagBytes,
        })
        decipher.setAAD(aadOf(sealed)).setAuthTag(bytes.subarray(-tagBytes))
        return decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
      } catch (cause) {
        throw new SecretError(
          'secret.integrity-broken',
          `the secret ${sealed.name} is not as it was written`,
          { cause },
        )
      }
    },
  }
}
