import type { Authenticator, Clock, KeyRecord, KeyStore, Principal } from '@covent/core'
import { hashKey, isKeyText } from './key-format.ts'

const NOTE_EVERY_MS = 60_000

const isLive = ({ revokedAt, expiresAt }: KeyRecord, nowMs: number): boolean =>
  revokedAt === undefined && (expiresAt === undefined || nowMs < expiresAt)

const toPrincipal = ({ id, principalId = id, role, scopes }: KeyRecord): Principal => ({
  id: principalId,
  kind: 'key',
  role,
  ...(scopes && { scopes }),
})

/** Notes uses at most once a minute per key, beside the request and not before it. */
const useNotes = (keys: KeyStore): ((key: KeyRecord, nowMs: number) => void) => {
  const noted = new Map<string, number>()
  return ({ id, lastUsedAt = 0 }, nowMs) => {
    if (nowMs - Math.max(lastUsedAt, noted.get(id) ?? 0) < NOTE_EVERY_MS) return
    noted.set(id, nowMs)
    // A use that could not be noted must not fail the request; the next minute tries again.
    keys.touch(id, nowMs).catch(() => {})
  }
}

/**
 * Knows API keys. Each request asks the store, by the digest of the key, so that a revocation holds as soon as the store
 * knows of it; what cannot be a key is refused before.
 */
export const authenticator = (keys: KeyStore, clock: Clock): Authenticator => {
  const note = useNotes(keys)
  return {
    async authenticate(credential) {
      if (!isKeyText(credential)) return undefined
      const key = await keys.findByHash(hashKey(credential))
      const nowMs = clock.now()
      if (key === undefined || !isLive(key, nowMs)) return undefined
      note(key, nowMs)
      return toPrincipal(key)
    },
  }
}
