import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Metrics } from '@covent/core'
import { redisEventBus, type RedisEventBusOptions } from '@covent/events/redis'
import { describeWith, freePort, redisServer, type ServiceProcess } from '@covent/testing'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'

const soon = { timeout: 10_000, interval: 5 }
const version = { plugin: 'p', version: '1.0.0' }

const counting = (): { metrics: Metrics; counted: string[] } => {
  const counted: string[] = []
  const count: Metrics['count'] = (name, _, labels = {}) =>
    void counted.push([name, ...Object.values(labels)].join(' '))
  return { metrics: { count, gauge() {}, observe() {} }, counted }
}

describeWith('redis', 'the bus over Redis: many processes, and a Redis that fails', () => {
  let redis: ServiceProcess
  let admin: Redis
  let opened = 0
  const closing: (() => Promise<void>)[] = []
  beforeAll(async () => {
    redis = await redisServer()
    admin = new Redis(redis.url)
  })
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })
  afterAll(async () => {
    admin.disconnect()
    await redis.stop()
  })

  const open = async (prefix: string, more: Partial<RedisEventBusOptions> = {}) => {
    const bus = redisEventBus({ url: redis.url, prefix, replica: `r${opened++}`, ...more })
    closing.push(bus.stop)
    await bus.start()
    return bus
  }

  it('carries events between processes, each once and in order', async () => {
    const bus = await open('processes:')
    const keys: string[] = []
    bus.on('config.changed', (event) => void keys.push(...event.keys))
    const ready = bus.waitFor('plugin.updated', { timeoutMs: 15_000 })
    const words = ['--conditions=@covent/source', join(import.meta.dirname, 'programs/replica.ts')]
    const child = promisify(execFile)(process.execPath, [...words, redis.url, 'processes:', '500'])
    await ready
    for (let n = 0; n < 50; n++) bus.emit('plugin.installed', version)
    bus.emit('plugin.rolled-back', { ...version, from: '2.0.0' })
    await vi.waitFor(() => expect(keys).toHaveLength(500), soon)
    bus.emit('plugin.uninstalled', version)
    expect(keys).toEqual(Array.from({ length: 500 }, (_, n) => String(n)))
    expect(JSON.parse((await child).stdout)).toEqual({ changed: 500, installed: 50 })
  })

  it('listens again after its connection was killed, and says that events may be missing', async () => {
    const [one, other] = [await open('killed:'), await open('killed:')]
    const missed = other.waitFor('system.signals-missed', { timeoutMs: 10_000 })
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    expect(await missed).toEqual({ reason: 'reconnected' })
    const heard = other.waitFor('config.changed', { timeoutMs: 10_000 })
    one.emit('config.changed', { keys: ['a'] })
    expect(await heard).toEqual({ keys: ['a'] })
  })

  it('counts and leaves out what is no envelope, of an unknown type, or of another shape', async () => {
    const { metrics, counted } = counting()
    const bus = await open('newer:', { metrics })
    const heard = bus.waitFor('config.changed', { timeoutMs: 10_000 })
    const events = [
      ['plugin.teleported', {}],
      ['config.changed', { keys: 7 }],
      ['plugin.failed', { plugin: 'p', error: { code: 'c', message: 'of one process only' } }],
      ['config.changed', { keys: ['a'], since: 'version 9' }],
    ]
    await admin.publish('newer:signals', 'no JSON')
    await admin.publish('newer:signals', JSON.stringify({ v: 2, from: 'other', events: [] }))
    await admin.publish('newer:signals', JSON.stringify({ v: 1, from: 'other', n: 1, at: 1, events }))
    expect(await heard).toEqual({ keys: ['a'] })
    const refusals = ['envelope', 'envelope', 'unknown', 'invalid', 'unknown']
    expect(counted).toEqual(refusals.map((reason) => `event_signals_refused_total ${reason}`))
  })

  it('says so when a number of another replica is missing', async () => {
    const bus = await open('gap:')
    const missed = bus.waitFor('system.signals-missed', { timeoutMs: 10_000 })
    for (const n of [4, 5, 7])
      await admin.publish('gap:signals', JSON.stringify({ v: 1, from: 'other', n, at: 1, events: [] }))
    expect(await missed).toEqual({ reason: 'gap' })
    expect(bus.stats()['system.signals-missed']?.emits).toBe(1)
  })

  it('goes on within the process while Redis hangs, holds few of the events that wait, and heals', async () => {
    const { metrics, counted } = counting()
    const [one, other] = [await open('hang:', { metrics, timeoutMs: 200 }), await open('hang:')]
    let handled = 0
    one.on('config.changed', () => void handled++)
    process.kill(redis.pid, 'SIGSTOP')
    try {
      for (let n = 0; n < 20_000; n++) one.emit('config.changed', { keys: [] })
      expect(handled).toBe(20_000)
      await vi.waitFor(
        () => expect(counted).toContain('event_signals_lost_total config.changed unsent'),
        soon,
      )
      expect(counted).toContain('event_signals_lost_total config.changed behind')
    } finally {
      process.kill(redis.pid, 'SIGCONT')
    }
    const heard = other.waitFor('config.changed', { where: ({ keys }) => keys[0] === 'healed' })
    const timer = setInterval(() => one.emit('config.changed', { keys: ['healed'] }), 20)
    await heard.finally(() => clearInterval(timer))
  })

  it('starts without Redis, and serves its own process', async () => {
    const port = await freePort()
    const bus = await open('late:', { url: `redis://127.0.0.1:${port}` })
    expect(bus.isListening()).toBe(false)
    bus.emit('config.changed', { keys: [] })
    expect(bus.stats()['config.changed']?.emits).toBe(1)
  })

  it('bears payloads that no JSON can say', async () => {
    const { metrics, counted } = counting()
    const bus = await open('bigint:', { metrics })
    let handled = 0
    bus.on('config.changed', () => void handled++)
    bus.emit('config.changed', { keys: [1n as never] })
    expect(handled).toBe(1)
    expect(counted).toEqual(['event_signals_lost_total config.changed unserializable'])
  })
})
