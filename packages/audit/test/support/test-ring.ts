import { hkdfSync } from 'node:crypto'
import type { KeyRing } from '@covent/core'

/** A ring of one key. */
export const testRing = (key = 'a master key', keyId = 'k1'): KeyRing => ({
  currentId: keyId,
  ids: [keyId],
  subKey: (purpose) => new Uint8Array(hkdfSync('sha256', key, '', purpose, 32)),
})
