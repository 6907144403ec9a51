import { type Clock, type SecretInfo, type SecureStorage, systemClock } from '@covent/core'
import { byName, canonicalName, checkValue } from '../names.ts'

/** Secrets that end with the process. */
export const memoryStorage = (clock: Clock = systemClock): SecureStorage => {
  const secrets = new Map<string, { readonly info: SecretInfo; readonly value: string }>()
  return {
    get: async (name) => secrets.get(canonicalName(name))?.value,
    async set(given, value) {
      const name = canonicalName(given)
      checkValue(name, value)
      const before = secrets.get(name)?.info
      const updatedAt = clock.now()
      const info = {
        name,
        version: (before?.version ?? 0) + 1,
        createdAt: before?.createdAt ?? updatedAt,
        updatedAt,
      }
      secrets.set(name, { info, value })
      return info
    },
    delete: async (name) => secrets.delete(canonicalName(name)),
    list: async () => byName([...secrets.values()].map(({ info }) => info)),
    rewrap: async () => 0,
  }
}
