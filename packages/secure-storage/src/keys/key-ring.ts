import { hkdfSync } from 'node:crypto'
import { type KeyRing, SecretError } from '@covent/core'

const keyBytes = 32

const derive = (key: Uint8Array, purpose: string, bytes = keyBytes): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), `covent ${purpose}`, bytes))

/** Sixteen hex digits, which tell a key apart and say nothing of it. */
export const keyIdOf = (key: Uint8Array): string => Buffer.from(derive(key, 'key id', 8)).toString('hex')

/** A ring of keys of 32 bytes, the current one first. */
export const keyRing = (keys: readonly Uint8Array[]): KeyRing => {
  const byId = new Map(keys.map((key) => [keyIdOf(key), key]))
  const ids = [...byId.keys()]
  const currentId = ids[0]
  if (currentId === undefined) throw new SecretError('secret.key-missing', 'a key ring needs a key')
  const made = new Map<string, Uint8Array>()
  return {
    currentId,
    ids,
    subKey(purpose, keyId = currentId) {
      const key = byId.get(keyId)
      if (key === undefined)
        throw new SecretError(
          'secret.key-unknown',
          `the master key ${keyId} is not in the ring (${ids.join(', ')})`,
        )
      const name = `${keyId} ${purpose}`
      const subKey = made.get(name) ?? derive(key, purpose)
      made.set(name, subKey)
      return subKey
    },
  }
}
