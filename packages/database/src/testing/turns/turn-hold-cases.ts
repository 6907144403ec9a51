import type { Stores } from '@covent/core'
import { equal, ids, refused } from '../assert.ts'
import { acceptTurn, call, conversation, hold, leaseMs, turn } from '../records.ts'
import type { Cases } from '../stores-suite.ts'

const second = { owner: 'replica2', leaseMs }

/** A turn that its first owner has let go, and the second has taken over. */
const takenOver = async (stores: Stores): Promise<void> => {
  await stores.conversations.create(conversation())
  await acceptTurn(stores, 1)
  await stores.turns.startCalls(hold(), [call()])
  await stores.turns.release(hold())
  await stores.turns.takeOver(hold(), second)
}

export const turnHoldCases: Cases = {
  async 'lists what nobody holds any more, in the order of acceptance'({ stores }) {
    await stores.conversations.create(conversation())
    for (const id of ['t3', 't1', 't2']) await stores.turns.accept(turn({ id }), 0)
    await stores.turns.accept(turn({ id: 't4' }), leaseMs)
    await stores.turns.end(hold(), { state: 'answered', endedAt: 2000 })
    equal(ids(await stores.turns.lapsed()), 't3 t2')
    await stores.turns.release(hold('t4'))
    equal(ids(await stores.turns.lapsed()), 't3 t2 t4')
  },
  async 'lets one of many take a lapsed turn over'({ stores }) {
    await stores.conversations.create(conversation())
    await stores.turns.accept(turn(), 0)
    const owners = ['replica2', 'replica3', 'replica4']
    const taken = await Promise.all(owners.map((owner) => stores.turns.takeOver(hold(), { owner, leaseMs })))
    const won = taken.filter((one) => one !== undefined)
    equal(won.length, 1)
    equal(won[0]?.fence, 2)
    equal(await stores.turns.find('t1'), won[0])
    equal(await stores.turns.lapsed(), [])
  },
  async 'lets nobody take over what is held or has ended'({ stores }) {
    await stores.conversations.create(conversation())
    await acceptTurn(stores, 1)
    equal(await stores.turns.takeOver(hold(), second), undefined)
    await stores.turns.end(hold(), { state: 'answered', endedAt: 2000 })
    await stores.turns.release(hold())
    equal(await stores.turns.takeOver(hold(), second), undefined)
  },
  async 'holds an owner’s turns on, and nobody else’s'({ stores }) {
    await stores.conversations.create(conversation())
    await stores.turns.accept(turn(), 0)
    await stores.turns.accept(turn({ id: 't2', owner: 'replica2' }), 0)
    equal(await stores.turns.renew({ owner: 'replica1', leaseMs }), ['t1'])
    equal(ids(await stores.turns.lapsed()), 't2')
  },
  async 'refuses whatever an owner writes after another has taken over'({ stores }) {
    await takenOver(stores)
    await refused(stores.turns.end(hold(), { state: 'answered', endedAt: 2000 }), 'database.conflict')
    await refused(stores.turns.startCalls(hold(), [call({ id: 'call2' })]), 'database.conflict')
    await stores.turns.endCall(hold(), 'call1', { outcome: { state: 'completed', output: 1 }, endedAt: 2000 })
    await stores.turns.release(hold())
    equal(await stores.turns.renew({ owner: 'replica1', leaseMs }), [])
    equal(await stores.turns.calls('t1'), [call()])
    equal(await stores.turns.lapsed(), [])
  },
  async 'takes what the new owner writes'({ stores }) {
    await takenOver(stores)
    const held = { id: 't1', fence: 2 }
    await stores.turns.endCall(held, 'call1', { outcome: { state: 'completed', output: 1 }, endedAt: 2000 })
    await stores.turns.startCalls(held, [call({ id: 'call2', step: 1 })])
    await stores.turns.end(held, { state: 'answered', endedAt: 2000 })
    equal((await stores.turns.find('t1'))?.state, 'answered')
    equal(
      (await stores.turns.calls('t1')).map(({ state }) => state),
      ['completed', 'started'],
    )
  },
  async 'knows which turn of a conversation comes first, next and last'({ stores }) {
    for (const id of ['c1', 'c2']) await stores.conversations.create(conversation({ id }))
    await acceptTurn(stores, 1)
    await acceptTurn(stores, 9, 'c2')
    await acceptTurn(stores, 2)
    equal((await stores.turns.firstOpen('c1'))?.id, 't1')
    equal((await stores.turns.firstOpen('c2'))?.id, 't9')
    equal((await stores.turns.next('c1', 't1'))?.id, 't2')
    equal(await stores.turns.next('c1', 't2'), undefined)
    equal((await stores.turns.last('c1'))?.id, 't2')
    equal((await stores.turns.next('c1'))?.id, 't1')
    await stores.turns.end(hold(), { state: 'failed', endedAt: 2000 })
    equal((await stores.turns.firstOpen('c1'))?.id, 't2')
    equal(await stores.turns.firstOpen('c3'), undefined)
  },
  async 'orders turns of one conversation that come at once'({ stores, unitOfWork }) {
    await stores.conversations.create(conversation())
    const names = Array.from({ length: 12 }, (_, n) => `t${n}`)
    await Promise.all(names.map((id) => unitOfWork.run(({ turns }) => turns.accept(turn({ id }), leaseMs))))
    const order = [(await stores.turns.firstOpen('c1'))!.id]
    for (let next; (next = await stores.turns.next('c1', order.at(-1))) !== undefined;) order.push(next.id)
    equal(order.toSorted(), names.toSorted())
    equal((await stores.turns.last('c1'))?.id, order.at(-1))
  },
}
