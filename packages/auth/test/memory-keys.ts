import type { KeyRecord, KeyStore } from '@covent/core'

export interface MemoryKeys extends KeyStore {
  readonly records: Map<string, KeyRecord>
  /** How often each method was asked. */
  readonly asked: { findByHash: number; touch: number }
}

/** Keys in a map, for tests of what stands above the store. */
export const memoryKeys = (): MemoryKeys => {
  const records = new Map<string, KeyRecord>()
  const asked = { findByHash: 0, touch: 0 }
  const change = (id: string, changes: Partial<KeyRecord>): void => {
    records.set(id, { ...records.get(id)!, ...changes })
  }
  return {
    records,
    asked,
    create: async (key) => void records.set(key.id, key),
    async findByHash(hash) {
      asked.findByHash++
      return [...records.values()].find((key) => key.hash === hash)
    },
    list: async () => [...records.values()],
    async revoke(id, at) {
      if (records.get(id)?.revokedAt !== undefined || !records.has(id)) return false
      change(id, { revokedAt: at })
      return true
    },
    async replace(id, next, endsAt) {
      const old = records.get(id)
      const { revokedAt, expiresAt = Infinity } = old ?? { revokedAt: 0 }
      if (revokedAt !== undefined || expiresAt <= next.createdAt) return false
      change(id, { expiresAt: Math.min(expiresAt, endsAt) })
      records.set(next.id, next)
      return true
    },
    async touch(id, at) {
      asked.touch++
      change(id, { lastUsedAt: at })
    },
  }
}
