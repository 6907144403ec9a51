import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import type { EventBus, EventMap } from '@covent/core'
import { eventually } from './eventually.ts'
import type { Runner } from './runner.ts'

/** Buses of two replicas on one service. */
export interface OpenReplicas {
  readonly one: EventBus
  readonly other: EventBus
  close(): Promise<void>
}

const installed = (n: number): EventMap['plugin.installed'] => ({ plugin: `p${n}`, version: '1.0.0' })
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)
const numberOf = ({ plugin }: { readonly plugin: string }): number => Number(plugin.slice(1))

type Test = (title: string, body: (buses: OpenReplicas) => Promise<void>) => unknown

/** What a bus between replicas must do besides `eventBusSuite`. Each test opens two that share a service with nobody else. */
export const replicasSuite = (runner: Runner, name: string, open: () => Promise<OpenReplicas>): void => {
  const it: Test = (title, body) =>
    runner.it(title, async () => {
      const buses = await open()
      try {
        await body(buses)
      } finally {
        await buses.close()
      }
    })
  runner.describe(`event bus between replicas: ${name}`, () => {
    deliveryTests(it)
    classTests(it)
  })
}

const deliveryTests = (it: Test): void => {
  it('brings signals to the other replica in the order of their emits, and each to its own handlers once', async ({
    one,
    other,
  }) => {
    const seen: Record<'one' | 'other', number[]> = { one: [], other: [] }
    one.on('plugin.*', ({ payload }) => void seen.one.push(numberOf(payload as { plugin: string })))
    other.on('plugin.*', ({ payload }) => void seen.other.push(numberOf(payload as { plugin: string })))
    for (const n of numbers(300))
      if (n % 3 === 0) one.emit('plugin.uninstalled', installed(n))
      else one.emit('plugin.installed', installed(n))
    await eventually(() => seen.other.length >= 300, 'all events at the other replica')
    other.emit('plugin.installed', installed(300))
    await eventually(() => seen.one.length >= 301, 'the answer')
    deepStrictEqual(seen, { one: numbers(301), other: numbers(301) })
    strictEqual(other.stats()['plugin.installed']?.received, 200)
    strictEqual(one.stats()['plugin.installed']?.received, 1)
    strictEqual(typeof one.stats()['plugin.installed']?.lagMs, 'number')
  })
  it('keeps the order where a handler emits', async ({ one, other }) => {
    const seen: number[] = []
    one.on('plugin.installed', (event) => {
      if (numberOf(event) < 3) one.emit('plugin.installed', installed(numberOf(event) + 1))
    })
    other.on('plugin.installed', (event) => void seen.push(numberOf(event)))
    one.emit('plugin.installed', installed(0))
    await eventually(() => seen.length >= 4, 'the whole cascade')
    deepStrictEqual(seen, numbers(4))
  })
}

const classTests = (it: Test): void => {
  it('keeps what is of one process only in it', async ({ one, other }) => {
    const seen: string[] = []
    other.on('*', ({ type }) => void seen.push(type))
    one.emit('plugin.failed', { plugin: 'p', error: { code: 'c', message: 'm' } })
    one.emit('agent.state.changed', { turnId: 't', state: 'running' })
    one.emit('conversation.ended', { conversationId: 'c', principalId: 'p' })
    one.emit('config.changed', { keys: ['log.level'] })
    await eventually(() => seen.includes('config.changed'), 'the signal')
    deepStrictEqual(seen, ['config.changed'])
  })
  it('isolates handlers from the events of others as from its own', async ({ one, other }) => {
    const seen: string[][] = []
    other.on('config.changed', () => {
      throw new Error('thrown')
    })
    other.on('config.changed', ({ keys }) => void seen.push(keys))
    one.emit('config.changed', { keys: ['a'] })
    one.emit('config.changed', { keys: ['b'] })
    await eventually(() => seen.length >= 2, 'both events')
    deepStrictEqual(seen, [['a'], ['b']])
    strictEqual(other.stats()['config.changed']?.errors, 2)
  })
}
