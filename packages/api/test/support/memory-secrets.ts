import type { SecretInfo, SecureStorage } from '@covent/core'

/** Secrets by name, in memory and as they are. */
export const memorySecrets = (): SecureStorage => {
  const values = new Map<string, string>()
  const infoOf = (name: string): SecretInfo => ({ name, version: 1, createdAt: 0, updatedAt: 0 })
  return {
    get: async (name) => values.get(name),
    async set(name, value) {
      values.set(name, value)
      return infoOf(name)
    },
    delete: async (name) => values.delete(name),
    list: async () => [...values.keys()].map(infoOf),
    rewrap: async () => 0,
  }
}
