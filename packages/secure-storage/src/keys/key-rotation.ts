import type { KeyRotation, SecureStorage } from '@covent/core'
import type { HomeKeys } from './home-keys.ts'

/**
 * Old keys stay in the ring, for what else lies under them; `retire` of `HomeKeys` takes them out.
 */
export const keyRotation = (
  keys: Pick<HomeKeys, 'rotate' | 'currentId'>,
  storage: SecureStorage,
): KeyRotation => ({
  async rotate() {
    await keys.rotate()
    return { keyId: keys.currentId, rewrapped: await storage.rewrap() }
  },
})
