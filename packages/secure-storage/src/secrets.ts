import type { Secrets, SecureStorage } from '@covent/core'

/** Secrets of the environment, which an operator supplies without storing them, and then those of the storage. */
export const storedSecrets = (environment: Secrets, storage: SecureStorage): Secrets => ({
  get: async (name) => (await environment.get(name)) ?? storage.get(name),
})
