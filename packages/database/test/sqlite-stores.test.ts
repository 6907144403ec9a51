import { describe, it } from 'vitest'
import { storesSuite } from '../src/testing.ts'
import { openDatabase } from './open.ts'

storesSuite({ describe, it }, 'sqlite', async () => {
  const { stores, unitOfWork, stop } = await openDatabase()
  return { stores, unitOfWork, close: stop }
})
