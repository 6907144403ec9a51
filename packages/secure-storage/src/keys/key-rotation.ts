import type { KeyRotation, SecureStorage } from '@covent/core'
import type { HomeKeys } from './home-keys.ts'

/**
 * Old keys stay in the ring, for what else lies under them; `retire` of `HomeKeys` takes them out.
 */
export const keyRotation = (
  keys: Pick<HomeKeys, 'rotate' | 'currentId' | 'isOwn'>,
  storage: SecureStorage,
): KeyRotation => ({
  async rotate() {
    if (keys.isOwn) await keys.rotate()
    const rewrapped = await storage.rewrap()
    if (!keys.isOwn && rewrapped === 0) await keys.rotate() // says how an operator does it
    return { keyId: keys.currentId, rewrapped }
  },
})
