import type { ClaimedEvent, NewDurableEvent, Stores } from '@covent/core'
import { setTimeout as sleep } from 'node:timers/promises'
import { equal, ids, refused } from '../assert.ts'
import { conversation } from '../records.ts'
import type { Cases } from '../stores-suite.ts'

const event = (n: number, key = `k${n}`): NewDurableEvent => ({
  id: `e${n}`,
  type: 'conversation.ended',
  key,
  payload: { n },
  createdAt: 1000 + n,
})

const long = 60_000
/** Over soon, and not before a busy machine has made the next few calls. */
const briefMs = 1_000
const claim = ({ outbox }: Stores, owner = 'a', leaseMs = long): Promise<readonly ClaimedEvent[]> =>
  outbox.claim('c', { owner, limit: 10, leaseMs })

/** Appends events for the consumer `c`. */
const given = async (stores: Stores, events: readonly NewDurableEvent[]): Promise<void> => {
  await stores.outbox.subscribe('c', ['conversation.ended'])
  for (const one of events) await stores.outbox.append(one)
}

const claimCases: Cases = {
  async 'hands each kept event to one claimant, oldest first, under numbers that rise'({ stores }) {
    await given(stores, [event(1), event(2), event(3)])
    const first = await stores.outbox.claim('c', { owner: 'a', limit: 2, leaseMs: long })
    const second = await claim(stores, 'b')
    equal([ids(first), ids(second), ids(await claim(stores))], ['e1 e2', 'e3', ''])
    equal(second[0]!.fence > first[0]!.fence, true)
    equal(first[0], { ...event(1), consumer: 'c', fence: first[0]!.fence, attempt: 1 })
  },
  async 'keeps an event for each consumer of its type, and for nobody else'({ stores }) {
    const { outbox } = stores
    await outbox.subscribe('other', ['another.type'])
    await outbox.append(event(1))
    await outbox.subscribe('d', ['conversation.ended'])
    await given(stores, [event(2), event(2)])
    equal(ids(await claim(stores)), 'e2')
    equal(ids(await outbox.claim('d', { owner: 'a', limit: 9, leaseMs: long })), 'e2')
    equal(ids(await outbox.claim('other', { owner: 'a', limit: 9, leaseMs: long })), '')
  },
  async 'hands out events of one key in their order, and none behind one that is in hand or pauses'({
    stores,
  }) {
    await given(stores, [event(1, 'k'), event(2, 'k'), event(3), event(4, 'k')])
    const [first] = await stores.outbox.claim('c', { owner: 'a', limit: 1, leaseMs: long })
    equal(ids(await claim(stores, 'b')), 'e3')
    await stores.outbox.settle(first!, { kind: 'retry', pauseMs: briefMs, error: 'no' })
    equal(await stores.outbox.isDue('c'), false)
    await sleep(1.1 * briefMs)
    equal(await stores.outbox.isDue('c'), true)
    const again = await claim(stores)
    equal(ids(again), 'e1 e2 e4')
    equal([again[0]!.attempt, again[1]!.attempt], [2, 1])
  },
  async 'hands an event on when its lease has ended, and refuses what the late one writes'({
    stores,
    unitOfWork,
  }) {
    await given(stores, [event(1)])
    const [late] = await claim(stores, 'a', 20)
    await sleep(30)
    const [taken] = await claim(stores, 'b')
    equal([taken!.id, taken!.attempt], ['e1', 2])
    const place = { plugin: 'p', scope: 'plugin', owner: '' } as const
    const write = unitOfWork.run(async ({ outbox, keyValues }) => {
      await keyValues.set(place, 'n', 1, { operationId: 'o', nowMs: 0 })
      await outbox.settle(late!, { kind: 'done' })
    })
    await refused(write, 'database.conflict')
    equal(await stores.keyValues.get(place, 'n', 0), undefined)
    await stores.outbox.settle(taken!, { kind: 'done' })
    equal(ids(await claim(stores)), '')
  },
  async 'ends all of a claim at once, and none where one is in another hand by now'({ stores, unitOfWork }) {
    const { outbox } = stores
    await given(stores, [event(1), event(2), event(3)])
    const [late] = await outbox.claim('c', { owner: 'a', limit: 1, leaseMs: 20 })
    const [second] = await claim(stores)
    const whole = { consumer: 'c', owner: 'a', fence: second!.fence, count: 2 }
    await sleep(30)
    const [taken] = await claim(stores, 'b')
    const lateClaim = { consumer: 'c', owner: 'a', fence: late!.fence, count: 1 }
    await refused(
      unitOfWork.run((unit) => unit.outbox.finish(lateClaim)),
      'database.conflict',
    )
    await refused(
      unitOfWork.run((unit) => unit.outbox.finish({ ...whole, count: 3 })),
      'database.conflict',
    )
    await outbox.finish(whole)
    equal([taken!.id, (await outbox.depths())[0]?.open], ['e1', 1])
  },
  async 'prolongs what one owner has in hand'({ stores }) {
    await given(stores, [event(1), event(2)])
    await stores.outbox.claim('c', { owner: 'a', limit: 1, leaseMs: briefMs })
    equal(await stores.outbox.renew('c', { owner: 'a', leaseMs: long }), 1)
    equal(await stores.outbox.renew('c', { owner: 'b', leaseMs: long }), 0)
    await sleep(1.1 * briefMs)
    equal(ids(await claim(stores, 'b')), 'e2')
  },
  async 'takes an event back without counting an attempt, and settles it once'({ stores }) {
    await given(stores, [event(1)])
    const [first] = await claim(stores)
    await stores.outbox.settle(first!, { kind: 'released' })
    await refused(stores.outbox.settle(first!, { kind: 'done' }), 'database.conflict')
    const [second] = await claim(stores)
    equal([second!.id, second!.attempt], ['e1', 1])
  },
  async 'hands out nothing of a consumer that nobody has subscribed'({ stores }) {
    equal(await claim(stores), [])
  },
}

const letterCases: Cases = {
  async 'keeps dead letters apart, lists them in pages, and opens them again'({ stores }) {
    const { outbox } = stores
    await given(stores, [event(1, 'k'), event(2, 'k'), event(3)])
    for (const one of await claim(stores)) await outbox.settle(one, { kind: 'dead', error: `no ${one.id}` })
    equal(ids(await claim(stores)), '')
    const page = await outbox.dead({ limit: 2 })
    equal([ids(page.items), page.items[0]!.error, page.items[0]!.attempts], ['e1 e2', 'no e1', 1])
    equal(ids((await outbox.dead({ limit: 2, cursor: page.nextCursor })).items), 'e3')
    equal(ids((await outbox.dead({ limit: 2, consumer: 'd' })).items), '')
    equal(
      [await outbox.redrive('c', 'e2'), await outbox.redrive('c', 'e2'), await outbox.redrive('c')],
      [1, 0, 2],
    )
    equal(
      (await claim(stores)).map(({ id, attempt }) => [id, attempt]),
      [
        ['e1', 1],
        ['e2', 1],
        ['e3', 1],
      ],
    )
  },
  async 'lets the key go on behind a dead letter, and not behind a parked event'({ stores }) {
    await given(stores, [event(1, 'dead'), event(2, 'dead'), event(3, 'parked'), event(4, 'parked')])
    const [first, second, third, fourth] = await claim(stores)
    for (const one of [second!, fourth!]) await stores.outbox.settle(one, { kind: 'released' })
    await stores.outbox.settle(first!, { kind: 'dead', error: 'no' })
    await stores.outbox.settle(third!, { kind: 'parked', pauseMs: briefMs, error: 'unknown' })
    equal(ids(await claim(stores)), 'e2')
    equal(await stores.outbox.depths(), [{ consumer: 'c', open: 2, parked: 1, dead: 1, oldestAt: 1002 }])
    await sleep(1.1 * briefMs)
    equal(
      (await claim(stores)).map(({ id, attempt }) => [id, attempt]),
      [
        ['e3', 1],
        ['e4', 1],
      ],
    )
  },
  async 'forgets a consumer with all that was kept for it'({ stores }) {
    await given(stores, [event(1)])
    await stores.outbox.unsubscribe('c')
    await stores.outbox.append(event(2))
    equal(await stores.outbox.depths(), [])
  },
}

const commitCases: Cases = {
  async 'keeps an event with the removal of a conversation, and none where there is nothing to remove'({
    stores,
  }) {
    const told: string[] = []
    using _ = stores.outbox.onDue((consumers) => void told.push(consumers.join()))
    await stores.outbox.subscribe('c', ['conversation.ended'])
    await stores.conversations.create(conversation({ id: 'c1' }))
    equal(await stores.conversations.remove('c2', 'p1', event(2)), false)
    equal(await stores.conversations.remove('c1', 'p1', event(1)), true)
    equal([told, ids(await claim(stores))], [['c'], 'e1'])
  },
  async 'keeps an event only with the unit that appended it, and tells of it after the commit'({
    stores,
    unitOfWork,
  }) {
    const told: string[] = []
    using _ = stores.outbox.onDue((consumers) => void told.push(consumers.join()))
    await stores.outbox.subscribe('c', ['conversation.ended'])
    const failed = unitOfWork.run(async ({ outbox }) => {
      await outbox.append(event(1))
      throw new Error('on purpose')
    })
    await failed.catch(() => undefined)
    equal(told, [])
    await unitOfWork.run(async ({ outbox }) => {
      await outbox.append(event(2))
      equal(told, [])
    })
    equal([told, ids(await claim(stores))], [['c'], 'e2'])
  },
  async 'hands an event to one of many who claim at once'({ stores }) {
    await given(stores, [event(1), event(2), event(3)])
    const owners = Array.from({ length: 8 }, (_, n) => `owner ${n}`)
    const claims = await Promise.all(owners.map((owner) => claim(stores, owner)))
    equal(ids(claims.flat().toSorted((a, b) => a.createdAt - b.createdAt)), 'e1 e2 e3')
  },
}

export const outboxCases: Cases = { ...claimCases, ...letterCases, ...commitCases }
