import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict'
import type { EventBus, EventMap } from '@covent/core'
import { eventually } from './eventually.ts'
import type { Runner } from './runner.ts'

export interface OpenBus {
  readonly bus: EventBus
  close(): Promise<void>
}

type Unloaded = EventMap['plugin.unloaded']

const unloaded = (n: number): Unloaded => ({ plugin: `p${n}`, version: '1.0.0', reason: 'test' })
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)
const numberOf = (event: Unloaded): number => Number(event.plugin.slice(1))
const isNamed =
  (name: string) =>
  (error: unknown): boolean =>
    error instanceof Error && error.name === name

/** What every event bus must do. Pass your runner, a name, and a way to open a bus of its own for each test. */
export const eventBusSuite = (runner: Runner, name: string, open: () => Promise<OpenBus>): void => {
  const it = (title: string, body: (bus: EventBus) => Promise<void>): unknown =>
    runner.it(title, async () => {
      const { bus, close } = await open()
      try {
        await body(bus)
      } finally {
        await close()
      }
    })
  runner.describe(`event bus: ${name}`, () => {
    handlerTests(it)
    patternTests(it)
    isolationTests(it)
    limitTests(it)
    iteratorTests(it)
    waitTests(it)
  })
}

type Test = (title: string, body: (bus: EventBus) => Promise<void>) => unknown

const listenersOf = (bus: EventBus): number => bus.stats()['plugin.unloaded']?.listeners ?? 0

const handlerTests = (it: Test): void => {
  it('delivers an event to each handler of its type and to no other', async (bus) => {
    const seen: unknown[] = []
    bus.on('plugin.unloaded', (event) => void seen.push([1, event]))
    bus.on('plugin.unloaded', (event) => void seen.push([2, event]))
    bus.on('config.changed', (event) => void seen.push(event))
    bus.emit('plugin.unloaded', unloaded(0))
    await eventually(() => seen.length >= 2, 'both handlers called')
    deepStrictEqual(
      seen,
      [1, 2].map((n) => [n, unloaded(0)]),
    )
  })
  it('keeps the order of one publisher, across types too', async (bus) => {
    const seen: number[] = []
    bus.on('plugin.unloaded', (event) => void seen.push(numberOf(event)))
    bus.on('system.stopping', (event) => void seen.push(Number(event.reason)))
    for (const n of numbers(200))
      if (n % 3 === 0) bus.emit('system.stopping', { reason: String(n) })
      else bus.emit('plugin.unloaded', unloaded(n))
    await eventually(() => seen.length >= 200, 'all events')
    deepStrictEqual(seen, numbers(200))
  })
  it('shows every handler one order also when a handler emits', async (bus) => {
    const seen: number[][] = [[], []]
    bus.on('plugin.unloaded', (event) => void seen[0]!.push(numberOf(event)))
    bus.on('plugin.unloaded', (event) => {
      if (numberOf(event) < 3) bus.emit('plugin.unloaded', unloaded(numberOf(event) + 1))
    })
    bus.on('plugin.unloaded', (event) => void seen[1]!.push(numberOf(event)))
    bus.emit('plugin.unloaded', unloaded(0))
    await eventually(() => seen.every(({ length }) => length >= 4), 'the whole cascade')
    deepStrictEqual(seen, [numbers(4), numbers(4)])
  })
  it('stops calling a handler once its subscription is disposed, and bears a second disposal', async (bus) => {
    const seen: string[] = []
    const gone = bus.on('plugin.unloaded', () => void seen.push('gone'))
    bus.on('plugin.unloaded', () => void seen.push('there'))
    gone[Symbol.dispose]()
    gone[Symbol.dispose]()
    bus.emit('plugin.unloaded', unloaded(0))
    await eventually(() => seen.length > 0, 'the other handler called')
    deepStrictEqual(seen, ['there'])
  })
  it('calls a handler of once for one event only', async (bus) => {
    const seen: string[] = []
    bus.once('plugin.unloaded', (event) => void seen.push(`once ${event.plugin}`))
    bus.on('plugin.unloaded', (event) => void seen.push(`on ${event.plugin}`))
    for (const n of numbers(3)) bus.emit('plugin.unloaded', unloaded(n))
    await eventually(() => seen.includes('on p2'), 'the last event')
    deepStrictEqual(
      seen.filter((text) => text.startsWith('once')),
      ['once p0'],
    )
    strictEqual(listenersOf(bus), 1)
  })
}

const isolationTests = (it: Test): void => {
  it('calls the other handlers when one throws or rejects, and counts both', async (bus) => {
    const seen: number[] = []
    bus.on('plugin.unloaded', () => {
      throw new Error('thrown')
    })
    bus.on('plugin.unloaded', () => Promise.reject(new Error('rejected')))
    bus.on('plugin.unloaded', (event) => void seen.push(numberOf(event)))
    bus.emit('plugin.unloaded', unloaded(0))
    bus.emit('plugin.unloaded', unloaded(1))
    await eventually(() => seen.length >= 2, 'the healthy handler called twice')
    await eventually(() => bus.stats()['plugin.unloaded']?.errors === 4, 'four errors counted')
    deepStrictEqual(seen, [0, 1])
    strictEqual(bus.stats()['plugin.unloaded']?.emits, 2)
  })
}

const patternTests = (it: Test): void => {
  it('shows a handler of a pattern all events that it covers, with their names, in one order', async (bus) => {
    const seen: unknown[] = []
    bus.emit('plugin.failed', { plugin: 'p', error: { code: 'c', message: 'before' } })
    bus.on('plugin.*', ({ type, payload }) => void seen.push([type, payload.plugin]))
    bus.on('*', ({ type }) => void (type.startsWith('plugin.') || seen.push(type)))
    bus.emit('plugin.unloaded', unloaded(0))
    bus.emit('config.changed', { keys: [] })
    bus.emit('plugin.failed', { plugin: 'p1', error: { code: 'c', message: 'm' } })
    await eventually(() => seen.length >= 3, 'three events')
    deepStrictEqual(seen, [['plugin.unloaded', 'p0'], 'config.changed', ['plugin.failed', 'p1']])
  })
  it('stops calling a handler of a pattern for every type, also those first emitted later', async (bus) => {
    const seen: string[] = []
    const gone = bus.on('plugin.*', ({ type }) => void seen.push(type))
    bus.emit('plugin.unloaded', unloaded(0))
    await eventually(() => seen.length === 1, 'the first event')
    gone[Symbol.dispose]()
    bus.on('system.stopping', () => void seen.push('end'))
    bus.emit('plugin.unloaded', unloaded(1))
    bus.emit('plugin.uninstalled', { plugin: 'p', version: '1.0.0' })
    bus.emit('system.stopping', { reason: '' })
    await eventually(() => seen.includes('end'), 'the last event')
    deepStrictEqual(seen, ['plugin.unloaded', 'end'])
  })
  it('iterates over the events of a pattern', async (bus) => {
    const events = bus.events('plugin.*')
    bus.emit('plugin.unloaded', unloaded(7))
    bus.emit('plugin.uninstalled', { plugin: 'p', version: '1.0.0' })
    deepStrictEqual((await events.next()).value, { type: 'plugin.unloaded', payload: unloaded(7) })
    strictEqual(((await events.next()).value as { type: string }).type, 'plugin.uninstalled')
    await events.return?.()
    strictEqual(listenersOf(bus), 0)
  })
}

const limitTests = (it: Test): void => {
  it('works on no more events at once than a handler may, in order, and drops what has no room', async (bus) => {
    const started: number[] = []
    const gates = numbers(9).map(() => Promise.withResolvers<void>())
    const handler = async (event: Unloaded): Promise<void> => {
      started.push(numberOf(event))
      await gates[numberOf(event)]!.promise
    }
    bus.on('plugin.unloaded', handler, { concurrency: 2, capacity: 3 })
    for (const n of numbers(9)) bus.emit('plugin.unloaded', unloaded(n))
    await eventually(() => started.length === 2, 'two started')
    await eventually(() => bus.stats()['plugin.unloaded']?.dropped === 4, 'four dropped')
    for (const n of [1, 0, 2]) gates[n]!.resolve()
    await eventually(() => started.length === 5, 'the waiting ones started')
    deepStrictEqual(started, numbers(5))
    gates[3]!.reject(new Error('rejected while others waited'))
    await eventually(() => bus.stats()['plugin.unloaded']?.errors === 1, 'the error counted')
  })
}

const iteratorTests = (it: Test): void => {
  it('iterates over events from the call on, in order, and stops listening at the end of the loop', async (bus) => {
    const events = bus.events('plugin.unloaded')
    for (const n of numbers(20)) bus.emit('plugin.unloaded', unloaded(n))
    const seen: number[] = []
    for await (const event of events) if (seen.push(numberOf(event)) === 20) break
    deepStrictEqual(seen, numbers(20))
    strictEqual(listenersOf(bus), 0)
  })
  it('ends a waiting reader when the signal aborts, and stops listening', async (bus) => {
    const abort = new AbortController()
    const next = bus.events('plugin.unloaded', { signal: abort.signal }).next()
    strictEqual(listenersOf(bus), 1)
    abort.abort()
    deepStrictEqual(await next, { done: true, value: undefined })
    strictEqual(listenersOf(bus), 0)
  })
  it('ends a reader that falls behind with an OverflowError after what it holds', async (bus) => {
    const events = bus.events('plugin.unloaded', { capacity: 2 })
    for (const n of numbers(3)) bus.emit('plugin.unloaded', unloaded(n))
    await eventually(() => listenersOf(bus) === 0, 'the overflow')
    const read = async (): Promise<number> => numberOf((await events.next()).value as Unloaded)
    deepStrictEqual([await read(), await read()], [0, 1])
    await rejects(events.next(), isNamed('OverflowError'))
    strictEqual((await events.next()).done, true)
  })
}

const waitTests = (it: Test): void => {
  it('waits for the event that fits, and misses none emitted right after the call', async (bus) => {
    const waited = bus.waitFor('plugin.unloaded', {
      where: (event) => event.plugin === 'p2',
      timeoutMs: 5000,
    })
    for (const n of numbers(4)) bus.emit('plugin.unloaded', unloaded(n))
    deepStrictEqual(await waited, unloaded(2))
    strictEqual(listenersOf(bus), 0)
  })
  it('stops waiting with a TimeoutError, and stops listening', async (bus) => {
    const waited = bus.waitFor('plugin.unloaded', { timeoutMs: 20 })
    strictEqual(listenersOf(bus), 1)
    await rejects(waited, isNamed('TimeoutError'))
    strictEqual(listenersOf(bus), 0)
  })
  it('stops waiting with the reason of the signal, before or while it waits', async (bus) => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const waited = bus.waitFor('plugin.unloaded', { signal: abort.signal })
    abort.abort(reason)
    const late = bus.waitFor('plugin.unloaded', { signal: abort.signal })
    for (const wait of [waited, late]) await rejects(wait, (error) => error === reason)
    strictEqual(listenersOf(bus), 0)
  })
  it('rejects a wait whose predicate throws, and stops listening', async (bus) => {
    const failure = new Error('predicate')
    const where = (): boolean => {
      throw failure
    }
    const waited = bus.waitFor('plugin.unloaded', { where })
    bus.emit('plugin.unloaded', unloaded(0))
    await rejects(waited, (error) => error === failure)
    strictEqual(listenersOf(bus), 0)
  })
}
