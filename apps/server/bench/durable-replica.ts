import { sqliteDatabase } from '@covent/database'
import { postgresDatabase } from '@covent/database/postgres'
import { durableEvents } from '@covent/events'
import { streamCarrier } from '@covent/events/redis'
import { Redis } from 'ioredis'

/** The consuming side: of `ours` over a database, or of `raw` streams. Prints how many it has dealt with, now and then. */
const [kind = '', redisUrl = '', place = ''] = process.argv.slice(2)
let handled = 0
const tell = (): void => void process.stdout.write(`${handled}\n`)
setInterval(tell, 5)

const ours = async (): Promise<void> => {
  const database = place.startsWith('postgres')
    ? postgresDatabase({ url: place })
    : sqliteDatabase({ path: place, busyTimeoutMs: 20_000 })
  await database.start()
  const durable = durableEvents({
    ...database,
    replica: `child ${process.pid}`,
    carrier: streamCarrier({ url: redisUrl }),
  })
  durable.consume('bench', ['conversation.ended'], { commit: async () => void handled++, concurrency: 64 })
  await durable.start()
}

const raw = async (): Promise<void> => {
  const redis = new Redis(redisUrl, { enableAutoPipelining: true, protocol: 2 })
  await redis.xgroup('CREATE', 'raw', 'group', '$', 'MKSTREAM')
  void (async () => {
    for (;;) {
      const words = ['GROUP', 'group', 'one', 'COUNT', 64, 'BLOCK', 1_000, 'STREAMS', 'raw', '>'] as const
      const streams = (await redis.call('XREADGROUP', ...words)) as [string, [string, string[]][]][] | null
      await Promise.all(
        (streams?.[0]?.[1] ?? []).map(async ([id, fields]) => {
          JSON.parse(fields[1])
          await redis.xack('raw', 'group', id)
          handled++
        }),
      )
    }
  })()
}
await (kind === 'ours' ? ours() : raw())
process.stdout.write('ready\n')
