import type { SecretMask, Secrets, SecureStorage } from '@covent/core'

type Mask = Pick<SecretMask, 'hide'>

/** The storage, with every value that goes in or out hidden from then on. */
export const masked = (storage: SecureStorage, mask: Mask): SecureStorage => ({
  ...storage,
  async get(name) {
    const value = await storage.get(name)
    if (value !== undefined) mask.hide(value)
    return value
  },
  set(name, value) {
    mask.hide(value)
    return storage.set(name, value)
  },
})

/** Secrets of the environment, which an operator supplies without storing them, and then those of the storage. */
export const storedSecrets = (environment: Secrets, storage: SecureStorage, mask: Mask): Secrets => ({
  async get(name) {
    const given = await environment.get(name)
    if (given === undefined) return storage.get(name)
    mask.hide(given)
    return given
  },
})
