import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import type { Stores } from '@covent/core'
import type { RunningDurableEvents } from '../durable/durable-events.ts'
import {
  type Bench,
  benchOver,
  countIn,
  countOf,
  type Ended,
  event,
  type Handler,
  isEmpty,
  numberOf,
  numbers,
  type OpenOutbox,
} from './durable-bench.ts'
import { eventually } from './eventually.ts'
import type { Runner } from './runner.ts'

type Test = (title: string, body: (bench: Bench) => Promise<void>) => unknown

/** What durable events must do over a database and a carrier of notices. Each test opens an empty database. */
export const durableEventsSuite = (runner: Runner, name: string, open: () => Promise<OpenOutbox>): void => {
  const it: Test = (title, body) =>
    runner.it(title, async () => {
      const opened = await open()
      const replicas: RunningDurableEvents[] = []
      try {
        await body({ ...opened, ...benchOver(opened, replicas) })
      } finally {
        for (const replica of replicas) await replica.stop()
        await opened.close()
      }
    })
  runner.describe(`durable events: ${name}`, () => {
    deliveryTests(it)
    failureTests(it)
    leaseTests(it)
  })
}

const deliveryTests = (it: Test): void => {
  it('brings each event once to each consumer, whichever replica takes it', async (bench) => {
    const seen: string[] = []
    const handler: Handler = {
      async commit(one, stores) {
        seen.push(one.id)
        await countIn(stores, one)
      },
    }
    const replicas = [
      await bench.replica(handler),
      await bench.replica(handler),
      await bench.replica(handler),
    ]
    const others: number[] = []
    await bench.replica({ commit: async (one) => void others.push(numberOf(one)) }, { consumer: 'd' })
    await bench.append(...numbers(60))
    await eventually(() => isEmpty(bench), 'all events dealt with')
    deepStrictEqual(
      // A unit may run again where others' writes came between; what counts is what it committed.
      [...new Set(seen)].toSorted(),
      numbers(60)
        .map((n) => `e${n}`)
        .toSorted(),
    )
    deepStrictEqual(
      await Promise.all(numbers(60).map((n) => countOf(bench.stores, `e${n}`))),
      numbers(60).fill(1),
    )
    deepStrictEqual(
      others.toSorted((a, b) => a - b),
      numbers(60),
    )
    const handled = replicas.map((one) => one.stats()['c']!.handled)
    strictEqual(
      handled.reduce((sum, count) => sum + count, 0),
      60,
    )
  })
  it('keeps the order of each key over replicas and retries', async (bench) => {
    const seen: Record<string, number[]> = { a: [], b: [], c: [] }
    const failures = new Set(numbers(30).filter((n) => n % 7 === 0))
    const handler: Handler = {
      async act(one) {
        if (failures.delete(numberOf(one))) throw new Error('on purpose')
        await new Promise((resolve) => setTimeout(resolve, numberOf(one) % 3))
        seen[one.payload.conversationId]!.push(numberOf(one))
      },
    }
    for (const _ of numbers(2)) await bench.replica(handler)
    await bench.append(...numbers(30).map((n) => [n, 'abc'[n % 3]!] as const))
    await eventually(() => isEmpty(bench), 'all events dealt with')
    for (const [m, key] of ['a', 'b', 'c'].entries())
      deepStrictEqual(
        seen[key],
        numbers(10).map((n) => 3 * n + m),
      )
  })
  it('works on no more keys at once than it may, and claims no more than it has room for', async (bench) => {
    let working = 0
    let most = 0
    const act = async (): Promise<void> => {
      most = Math.max(most, ++working)
      await new Promise((resolve) => setTimeout(resolve, 2))
      working--
    }
    await bench.stores.outbox.subscribe('c', ['conversation.ended'])
    await bench.append(...numbers(40))
    const replica = await bench.replica({ act, concurrency: 3 })
    let held = 0
    const timer = setInterval(() => (held = Math.max(held, replica.stats()['c']!.inHand)), 1)
    await eventually(() => isEmpty(bench), 'all events dealt with').finally(() => clearInterval(timer))
    strictEqual(most, 3)
    strictEqual(held <= 12, true)
  })
  it('goes on without being told where more is due than it has room for', async (bench) => {
    await bench.stores.outbox.subscribe('c', ['conversation.ended'])
    await bench.append(...numbers(50))
    const seen: number[] = []
    const commit = async (one: Ended): Promise<void> => void seen.push(numberOf(one))
    await bench.replica({ commit, concurrency: 2 }, { pollMs: 1e9 })
    await eventually(() => isEmpty(bench), 'all events dealt with')
    deepStrictEqual(
      seen.toSorted((a, b) => a - b),
      numbers(50),
    )
  })
  it('keeps events while no replica is there', async (bench) => {
    const first = await bench.replica({ commit: countLater })
    await first.stop()
    await bench.append(1, 2)
    await bench.replica({ commit: async (one, stores) => countIn(stores, one) })
    await eventually(() => isEmpty(bench), 'both events dealt with')
    deepStrictEqual([await countOf(bench.stores, 'e1'), await countOf(bench.stores, 'e2')], [1, 1])
  })
}

const countLater = async (): Promise<void> => undefined

const failureTests = (it: Test): void => {
  it('keeps neither effect nor end of an attempt that failed, and tries again', async (bench) => {
    const attempts: number[] = []
    const replica = await bench.replica({
      async commit(one, stores) {
        await countIn(stores, one)
        if (attempts.push(one.attempt) < 3) throw new Error('on purpose')
      },
    })
    await bench.append(1)
    await eventually(() => isEmpty(bench), 'the event dealt with')
    deepStrictEqual([attempts, await countOf(bench.stores, 'e1')], [[1, 2, 3], 1])
    deepStrictEqual([replica.stats()['c']!.failed, replica.stats()['c']!.handled], [2, 1])
  })
  it('keeps what else was claimed with an event that fails', async (bench) => {
    await bench.stores.outbox.subscribe('c', ['conversation.ended'])
    await bench.append(...numbers(20))
    const commit = async (one: Ended, stores: Stores): Promise<void> => {
      await countIn(stores, one)
      if (numberOf(one) === 7 && one.attempt < 3) throw new Error('on purpose')
    }
    const replica = await bench.replica({ commit })
    await eventually(() => isEmpty(bench), 'all events dealt with')
    deepStrictEqual(
      await Promise.all(numbers(20).map((n) => countOf(bench.stores, `e${n}`))),
      numbers(20).map(() => 1),
    )
    deepStrictEqual([replica.stats()['c']!.failed, replica.stats()['c']!.handled], [2, 20])
  })
  it('makes a dead letter of what fails at every attempt, and handles it once it is opened again', async (bench) => {
    let isBroken = true
    const seen: string[] = []
    const commit = async (one: Ended): Promise<void> => {
      if (isBroken && one.id === 'e1') throw new Error('broken')
      seen.push(one.id)
    }
    const replica = await bench.replica({ commit, attempts: 2 })
    await bench.append([1, 'k'], [2, 'k'])
    await eventually(() => seen.includes('e2'), 'the key gone on')
    const { items } = await bench.stores.outbox.dead({ limit: 9 })
    deepStrictEqual(
      items.map(({ id, attempts, error }) => [id, attempts, error]),
      [['e1', 2, 'Error: broken']],
    )
    isBroken = false
    strictEqual(await bench.stores.outbox.redrive('c'), 1)
    await eventually(() => isEmpty(bench), 'the dead letter dealt with')
    deepStrictEqual([seen, replica.stats()['c']!.dead], [['e2', 'e1'], 1])
  })
  it('parks events of a type or shape that it does not know, behind which their key waits', async (bench) => {
    const seen: number[] = []
    const replica = await bench.replica({ commit: async (one) => void seen.push(numberOf(one)) })
    await bench.stores.outbox.subscribe('c', ['conversation.merged'])
    await bench.stores.outbox.append({ ...event(1, 'k'), type: 'conversation.merged' })
    await bench.stores.outbox.append({ ...event(2, 'shape'), payload: { conversationId: 7 } })
    await bench.append([3, 'k'], 4)
    await eventually(() => replica.stats()['c']!.parked >= 4, 'both parked, again and again')
    deepStrictEqual(seen, [4])
    const [depth] = await bench.stores.outbox.depths()
    deepStrictEqual([depth?.dead, depth!.parked + depth!.open], [0, 3])
  })
  it('gives up an act that takes too long, and tells it so', async (bench) => {
    const reasons: string[] = []
    const act = (one: Ended, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        if (one.attempt > 1) return resolve()
        signal.addEventListener('abort', () => void reasons.push((signal.reason as Error).name))
      })
    await bench.replica({ act, timeoutMs: 20 })
    await bench.append(1)
    await eventually(() => isEmpty(bench), 'the second attempt')
    deepStrictEqual(reasons, ['TimeoutError'])
  })
}

const leaseTests = (it: Test): void => {
  it('refuses the commit of a replica whose event another has taken meanwhile', async (bench) => {
    const { promise: stuck, resolve: release } = Promise.withResolvers<void>()
    const commit = (one: Ended, stores: Stores): Promise<void> => countIn(stores, one)
    // A lease that ends at once, as it does for a process that was stopped for longer than it.
    const slow = await bench.replica({ act: () => stuck, commit }, { leaseMs: 40_000_000, pollMs: 1e9 })
    await bench.append(1)
    await eventually(() => slow.stats()['c']!.inHand === 1, 'the event in the slow hand')
    await bench.stores.outbox.renew('c', { owner: 'r0', leaseMs: 0 })
    await bench.replica({ commit })
    await eventually(() => isEmpty(bench), 'the event dealt with by the other')
    release()
    await eventually(() => slow.stats()['c']!.stale === 1, 'the late commit refused')
    strictEqual(await countOf(bench.stores, 'e1'), 1)
  })
  it('keeps its events as long as it works on them', async (bench) => {
    let acts = 0
    const act = async (): Promise<void> => {
      acts++
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    await bench.replica({ act }, { leaseMs: 90 })
    await bench.replica({ act }, { leaseMs: 90 })
    await bench.append(1)
    await eventually(() => isEmpty(bench), 'the event dealt with')
    strictEqual(acts, 1)
  })
  it('puts back at a stop what it has not begun, and aborts what does not end', async (bench) => {
    const act = (_: Ended, signal: AbortSignal): Promise<void> =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      )
    const first = await bench.replica({ act, concurrency: 1 })
    await bench.append(1, 2, 3)
    await eventually(() => first.stats()['c']!.inHand === 3, 'three in hand')
    await first.stop()
    const again = await bench.stores.outbox.claim('c', { owner: 'x', limit: 9, leaseMs: 1000 })
    deepStrictEqual(
      again.map(({ id, attempt }) => [id, attempt]),
      [
        ['e1', 1],
        ['e2', 1],
        ['e3', 1],
      ],
    )
  })
}
