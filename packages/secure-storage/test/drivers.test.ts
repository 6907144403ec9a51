import { encryptedFileStorage, keyRing, memoryStorage, storeStorage } from '@covent/secure-storage'
import { secureStorageSuite } from '@covent/secure-storage/testing'
import { temporaryFolder } from '@covent/testing'
import { describe, it } from 'vitest'
import { memoryStore } from './memory-store.ts'

secureStorageSuite({ describe, it }, 'memory', async () => ({
  storage: memoryStorage(),
  close: async () => {},
}))

secureStorageSuite({ describe, it }, 'encrypted file', async () => {
  const home = temporaryFolder()
  const open = () => encryptedFileStorage({ home, ring: keyRing([new Uint8Array(32).fill(7)]) })
  return { storage: open(), again: async () => open(), close: async () => {} }
})

secureStorageSuite({ describe, it }, 'store', async () => {
  const secrets = memoryStore()
  const open = () =>
    storeStorage({ secrets, home: temporaryFolder(), ring: keyRing([new Uint8Array(32).fill(7)]) })
  return { storage: open(), again: async () => open(), close: async () => {} }
})
