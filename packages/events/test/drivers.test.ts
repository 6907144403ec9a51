import { memoryEventBus } from '@covent/events'
import { redisEventBus } from '@covent/events/redis'
import { eventBusSuite, replicasSuite } from '@covent/events/testing'
import { describeWith, redisServer, type ServiceProcess } from '@covent/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'

eventBusSuite({ describe, it }, 'memory', async () => ({ bus: memoryEventBus(), close: async () => {} }))

describeWith('redis', 'event bus over Redis', () => {
  let redis: ServiceProcess
  let opened = 0
  beforeAll(async () => void (redis = await redisServer()))
  afterAll(() => redis.stop())

  const openBus = async (replica: string, prefix: string) => {
    const bus = redisEventBus({ url: redis.url, replica, prefix, timeoutMs: 5_000 })
    await bus.start()
    return bus
  }
  eventBusSuite({ describe, it }, 'redis', async () => {
    const bus = await openBus('one', `test${opened++}:`)
    return { bus, close: bus.stop }
  })
  replicasSuite({ describe, it }, 'redis', async () => {
    const prefix = `test${opened++}:`
    const [one, other] = await Promise.all([openBus('one', prefix), openBus('other', prefix)])
    return { one, other, close: async () => void (await Promise.all([one.stop(), other.stop()])) }
  })
})
