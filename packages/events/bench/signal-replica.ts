import { redisEventBus } from '@covent/events/redis'
import { Redis } from 'ioredis'

/** The other side: `ours` or `raw`. Answers each event on the way back when `echo`, else each two thousandth. */
const [kind = '', url = '', mode = ''] = process.argv.slice(2)
const every = mode === 'echo' ? 1 : 2_000
let seen = 0

if (kind === 'ours') {
  const bus = redisEventBus({ url, replica: `child ${process.pid}` })
  await bus.start()
  bus.on('config.changed', () => {
    if (++seen % every === 0) bus.emit('plugin.installed', { plugin: String(seen), version: '1' })
  })
} else {
  const [listener, publisher] = [new Redis(url), new Redis(url)]
  listener.on('message', (_, text: string) => {
    JSON.parse(text)
    if (++seen % every === 0) void publisher.publish('back', String(seen))
  })
  await listener.subscribe('there')
}
console.log('ready')
