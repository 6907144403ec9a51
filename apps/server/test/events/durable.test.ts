import { join } from 'node:path'
import { sqliteDatabase } from '@covent/database'
import { postgresDatabase } from '@covent/database/postgres'
import { streamCarrier } from '@covent/events/redis'
import { durableEventsSuite } from '@covent/events/testing'
import {
  describeWith,
  postgresServer,
  redisServer,
  type ServiceProcess,
  temporaryFolder,
} from '@covent/testing'
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

const emptied = ['outbox', 'outbox_subscriptions', 'outbox_consumers', 'key_values', 'key_value_operations']
  .map((table) => `delete from ${table}`)
  .join('; ')

describeWith('postgres', 'durable events over PostgreSQL', () => {
  let postgres: ServiceProcess
  let redis: ServiceProcess
  let opened = 0
  beforeAll(async () => void ([postgres, redis] = await Promise.all([postgresServer(), redisServer()])))
  afterAll(async () => void (await Promise.all([postgres.stop(), redis.stop()])))

  durableEventsSuite({ describe, it }, 'PostgreSQL and Redis', async () => {
    const { stores, unitOfWork, start, stop } = postgresDatabase({ url: postgres.url })
    await start()
    await stores.sql.execute(emptied)
    const prefix = `postgres${opened++}:`
    return { stores, unitOfWork, carrier: () => streamCarrier({ url: redis.url, prefix }), close: stop }
  })
})
