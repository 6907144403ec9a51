import { silentLogger } from '@covent/core'
import { sqliteDatabase } from '@covent/database'
import { durableEvents } from '@covent/events'
import { streamCarrier } from '@covent/events/redis'

/** A replica whose consumer `c` counts each event in the database; it says `ready`, and runs until it is killed. */
const [path = '', url = ''] = process.argv.slice(2)
const database = sqliteDatabase({ path, busyTimeoutMs: 10_000 })
await database.start()
const durable = durableEvents({
  ...database,
  replica: `process ${process.pid}`,
  carrier: streamCarrier({ url }),
  logger: silentLogger,
  leaseMs: 400,
  pollMs: 100,
  pauseMs: () => 10,
})
const place = { plugin: 'test', scope: 'plugin', owner: '' } as const
durable.consume('c', ['conversation.ended'], async ({ id, payload }, { keyValues }) => {
  const key = payload.conversationId
  const before = ((await keyValues.get(place, key, 0)) ?? []) as string[]
  const next = [...before, payload.principalId]
  await keyValues.set(place, key, next, { operationId: `${id} ${before.length}`, nowMs: 0 })
})
await durable.start()
console.log('ready')
setInterval(() => {}, 1_000)
