import type { Clock, KeyRecord, KeyStore } from '@covent/core'

/** A revocation made by another replica holds after this time; one made here at once. */
const freshMs = 1000
const mostKept = 10_000

interface Kept {
  readonly record: KeyRecord
  readonly until: number
}

/** A key store that asks for a key that is in use once a second, and not at each request. Unknown keys are always asked for. */
export const recentKeys = (keys: KeyStore, clock: Clock): KeyStore => {
  const kept = new Map<string, Kept>()
  let endings = 0
  const ending = async (end: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await end()
    } finally {
      endings++
      kept.clear()
    }
  }
  return {
    create: (key) => keys.create(key),
    list: () => keys.list(),
    touch: (id, at) => keys.touch(id, at),
    async findByHash(hash) {
      const known = kept.get(hash)
      if (known !== undefined && clock.monotonic() < known.until) return known.record
      const before = endings
      const record = await keys.findByHash(hash)
      if (kept.size >= mostKept) kept.clear()
      // What was read before an ending may be older than it.
      if (record === undefined || before !== endings) kept.delete(hash)
      else kept.set(hash, { record, until: clock.monotonic() + freshMs })
      return record
    },
    revoke: (id, at) => ending(() => keys.revoke(id, at)),
    replace: (id, next, endsAt) => ending(() => keys.replace(id, next, endsAt)),
  }
}
