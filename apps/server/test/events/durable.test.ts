import { join } from 'node:path'
import { sqliteDatabase } from '@covent/database'
import { streamCarrier } from '@covent/events/redis'
import { durableEventsSuite } from '@covent/events/testing'
import { describeWith, redisServer, type ServiceProcess, temporaryFolder } from '@covent/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'

const openDatabase = async () => {
  const database = sqliteDatabase({ path: join(temporaryFolder(), 'covent.db') })
  await database.start()
  return database
}

durableEventsSuite({ describe, it }, 'SQLite, without Redis', async () => {
  const { stores, unitOfWork, stop } = await openDatabase()
  return { stores, unitOfWork, close: stop }
})

describeWith('redis', 'durable events over Redis', () => {
  let redis: ServiceProcess
  let opened = 0
  beforeAll(async () => void (redis = await redisServer()))
  afterAll(() => redis.stop())

  durableEventsSuite({ describe, it }, 'SQLite and Redis', async () => {
    const { stores, unitOfWork, stop } = await openDatabase()
    const prefix = `test${opened++}:`
    return { stores, unitOfWork, carrier: () => streamCarrier({ url: redis.url, prefix }), close: stop }
  })
})
