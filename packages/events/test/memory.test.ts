import { getEventListeners } from 'node:events'
import type { Logger } from '@covent/core'
import { memoryEventBus, type MemoryEventBusOptions } from '@covent/events'
import { fakeClock } from '@covent/testing'
import { describe, expect, expectTypeOf, it } from 'vitest'

interface Events {
  readonly n: number
  readonly text: string
}
const open = (options?: MemoryEventBusOptions) => memoryEventBus<Events>(options)
const linesOf = (): { logger: Logger; lines: unknown[] } => {
  const lines: unknown[] = []
  const write = (message: string, fields?: object): void => void lines.push({ message, ...fields })
  const logger: Logger = { debug: write, info: write, warn: write, error: write, child: () => logger }
  return { logger, lines }
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the memory bus: delivery', () => {
  it('has called all handlers of a cascade when the outermost emit returns', () => {
    const bus = open()
    const seen: string[] = []
    bus.on('n', (n) => {
      seen.push(`a${n}`)
      if (n === 0) bus.emit('text', 'nested')
    })
    bus.on('text', (text) => void seen.push(text))
    bus.on('n', (n) => void seen.push(`b${n}`))
    bus.emit('n', 0)
    expect(seen).toEqual(['a0', 'b0', 'nested'])
  })

  it('does not show an event to a handler that was added during its emit', () => {
    const bus = open()
    const seen: number[] = []
    bus.on('n', (n) => void (n === 0 && bus.on('n', (later) => void seen.push(later))))
    bus.emit('n', 0)
    expect(seen).toEqual([])
    bus.emit('n', 1)
    expect(seen).toEqual([1])
  })

  it('does not show a nested event to a handler that was added after it was emitted', () => {
    const bus = open()
    const seen: string[] = []
    bus.on('n', () => {
      bus.emit('text', 'before')
      bus.on('text', (text) => void seen.push(text))
    })
    bus.emit('n', 0)
    expect(seen).toEqual([])
  })

  it('does not call a handler that an earlier one removed, neither in this emit nor in a nested one', () => {
    const bus = open()
    const seen: string[] = []
    bus.on('n', () => {
      bus.emit('text', 'nested')
      later[Symbol.dispose]()
      nested[Symbol.dispose]()
    })
    const later = bus.on('n', () => void seen.push('later'))
    const nested = bus.on('text', () => void seen.push('nested'))
    bus.emit('n', 0)
    expect(seen).toEqual([])
    expect(bus.stats().n?.listeners).toBe(1)
  })

  it('calls a handler as often as it was added, and takes away one place at a time', () => {
    const bus = open()
    let calls = 0
    const handler = (): void => void calls++
    bus.on('n', handler)
    const second = bus.on('n', handler)
    bus.emit('n', 0)
    second[Symbol.dispose]()
    bus.emit('n', 1)
    expect(calls).toBe(3)
  })

  it('calls a handler of once for one of two events that one handler emits', () => {
    const bus = open()
    const seen: string[] = []
    bus.on('n', () => {
      bus.emit('text', 'first')
      bus.emit('text', 'second')
    })
    bus.once('text', (text) => void seen.push(text))
    bus.emit('n', 0)
    expect(seen).toEqual(['first'])
  })

  it('ends an endless cascade with an error in the handler, and goes on working', () => {
    const { logger, lines } = linesOf()
    const bus = open({ logger })
    let calls = 0
    bus.on('n', (n) => {
      calls++
      bus.emit('n', n + 1)
    })
    bus.emit('n', 0)
    expect(calls).toBe(100_001)
    expect(lines).toMatchObject([
      { message: 'event handler failed', type: 'n', error: { name: 'RangeError' } },
    ])
    bus.emit('text', 'on')
    expect(bus.stats().text?.emits).toBe(1)
  })

  it.each(['__proto__', 'constructor', 'toString', ''])('takes %j for a name like any other', (name) => {
    const bus = memoryEventBus<Record<string, number>>()
    const seen: number[] = []
    bus.emit(name, 0)
    bus.on(name, (n) => void seen.push(n))
    bus.emit(name, 1)
    expect(seen).toEqual([1])
    expect(Object.getOwnPropertyDescriptor(bus.stats(), name)?.value).toMatchObject({
      emits: 2,
      listeners: 1,
    })
  })

  it('keeps names of one length apart', () => {
    const bus = memoryEventBus<Record<string, number>>()
    const seen: string[] = []
    for (const name of ['aa', 'bb', 'cc']) bus.on(name, () => void seen.push(name))
    for (const name of ['aa', 'bb', 'cc', 'bb', 'dd']) bus.emit(name, 0)
    expect(seen).toEqual(['aa', 'bb', 'cc', 'bb'])
  })
})

describe('the memory bus: failures and counts', () => {
  it('logs what a handler threw or rejected with, thenables too', async () => {
    const { logger, lines } = linesOf()
    const bus = open({ logger })
    bus.on('n', () => {
      throw new Error('thrown')
    })
    bus.on('n', async () => Promise.reject(new Error('rejected')))
    // oxlint-disable-next-line unicorn/no-thenable -- what a foreign promise looks like
    const foreign = { then: (_: unknown, reject: (error: Error) => void) => reject(new Error('foreign')) }
    bus.on('n', () => foreign as never)
    bus.emit('n', 0)
    await settled()
    expect(lines.map((line) => (line as { error: Error }).error.message).toSorted()).toEqual([
      'foreign',
      'rejected',
      'thrown',
    ])
    expect(bus.stats().n?.errors).toBe(3)
  })

  it('bears a logger that throws', () => {
    const { logger } = linesOf()
    const error = (): never => {
      throw new Error('no disk')
    }
    const bus = open({ logger: { ...logger, error } })
    const seen: number[] = []
    bus.on('n', () => {
      throw new Error('thrown')
    })
    bus.on('n', (n) => void seen.push(n))
    bus.emit('n', 0)
    bus.emit('n', 1)
    expect(seen).toEqual([0, 1])
  })

  it('scales the handler time that it measures on one emit in 1,024', async () => {
    const clock = fakeClock()
    const bus = open({ clock })
    let calls = 0
    // The fake clock turns at once; its promise is for sleepers, of which there are none.
    bus.on('n', () => {
      calls++
      void clock.advance(2)
    })
    for (let n = 0; n < 2048; n++) {
      bus.emit('n', n)
      await settled()
    }
    expect(calls).toBe(2048)
    expect(bus.stats().n).toEqual({ emits: 2048, errors: 0, handlerMs: 4096, listeners: 1, dropped: 0 })
  })

  it('counts events that nobody hears', () => {
    const bus = open()
    bus.emit('n', 0)
    expect(bus.stats()).toEqual({ n: expect.objectContaining({ emits: 1, listeners: 0 }) })
  })
})

describe('the memory bus: waiting', () => {
  it('times out by its clock, and leaves no sleeper behind when the event came first', async () => {
    const clock = fakeClock()
    const bus = open({ clock })
    const late = bus.waitFor('n', { timeoutMs: 1000 })
    const rejection = expect(late).rejects.toMatchObject({ name: 'TimeoutError' })
    await clock.advance(999)
    expect(bus.stats().n?.listeners).toBe(1)
    await clock.advance(1)
    await rejection
    const inTime = bus.waitFor('n', { timeoutMs: 1000 })
    bus.emit('n', 7)
    await expect(inTime).resolves.toBe(7)
    expect(clock.sleeping).toBe(0)
  })

  it('waits as long as it takes with an endless timeout', async () => {
    const bus = open()
    const waited = bus.waitFor('n', { timeoutMs: Number.POSITIVE_INFINITY })
    await new Promise((resolve) => setTimeout(resolve, 10))
    bus.emit('n', 1)
    await expect(waited).resolves.toBe(1)
  })

  it('leaves nothing on the signal, however a wait or an iteration ends', async () => {
    const bus = open()
    const { signal } = new AbortController()
    const waited = bus.waitFor('n', { signal, timeoutMs: 5 })
    const events = bus.events('n', { signal })
    const full = bus.events('n', { signal, capacity: 0 })
    expect(getEventListeners(signal, 'abort')).toHaveLength(3)
    bus.emit('n', 1)
    await waited
    await events.return?.()
    await expect(full.next()).rejects.toMatchObject({ name: 'OverflowError' })
    await expect(bus.waitFor('n', { signal, timeoutMs: 1 })).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    expect(bus.stats().n?.listeners).toBe(0)
  })

  it('serves readers that ask ahead in the order of their asking', async () => {
    const events = open().events('n')
    const bus = open()
    const asked = bus.events('n')
    const two = [asked.next(), asked.next()]
    bus.emit('n', 1)
    bus.emit('n', 2)
    expect((await Promise.all(two)).map(({ value }) => value as number)).toEqual([1, 2])
    await events.return?.()
    await expect(events.next()).resolves.toEqual({ done: true, value: undefined })
  })
})

describe('the memory bus: types', () => {
  it('ties payloads to names', () => {
    const bus = open()
    // @ts-expect-error -- the payload of `n` is a number
    bus.emit('n', 'text')
    // @ts-expect-error -- no such event
    bus.emit('m', 1)
    expectTypeOf(bus.waitFor('text')).resolves.toEqualTypeOf<string>()
    const covent = memoryEventBus()
    covent.on('agent.message.*', ({ type }) => {
      expectTypeOf(type).toEqualTypeOf<'agent.message.received' | 'agent.message.sent'>()
    })
    // @ts-expect-error -- no event begins so
    covent.on('nothing.*', () => undefined)
    expectTypeOf(memoryEventBus().waitFor('config.changed')).resolves.toEqualTypeOf<{ keys: string[] }>()
  })
})
