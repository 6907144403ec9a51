import { redisEventBus } from '@covent/events/redis'

/** Another replica: emits so many events, once it hears `go`, and prints how many it got of its own and of others. */
const [url = '', prefix = '', count = ''] = process.argv.slice(2)
const bus = redisEventBus({ url, prefix, replica: `process ${process.pid}` })
const seen = { changed: 0, installed: 0 }
bus.on('config.changed', () => void seen.changed++)
bus.on('plugin.installed', () => void seen.installed++)
await bus.start()
const end = bus.waitFor('plugin.uninstalled')
bus.emit('plugin.updated', { plugin: 'ready', version: '1.0.0', from: '0.0.0' })
await bus.waitFor('plugin.rolled-back')
for (let n = 0; n < Number(count); n++) bus.emit('config.changed', { keys: [String(n)] })
await end
console.log(JSON.stringify(seen))
await bus.stop()
