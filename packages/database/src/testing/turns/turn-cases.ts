import type { Stores } from '@covent/core'
import { equal, ids, refused } from '../assert.ts'
import { acceptTurn, call, conversation, hold, leaseMs, turn } from '../records.ts'
import type { Cases } from '../stores-suite.ts'

const withTurn = async (stores: Stores): Promise<void> => {
  await stores.conversations.create(conversation())
  await acceptTurn(stores, 1)
}

const error = { code: 'model.timeout', message: 'too slow' }

export const turnCases: Cases = {
  async 'keeps a turn as it was accepted'({ stores }) {
    await stores.conversations.create(conversation())
    const full = turn({ idempotencyKey: 'key', bodyHash: 'hash' })
    await stores.turns.accept(full, leaseMs)
    equal(await stores.turns.find('t1'), full)
    equal(await stores.turns.findByKey('c1', 'key'), full)
    equal(await stores.turns.findByKey('c2', 'key'), undefined)
  },
  async 'keeps an ephemeral turn, of no conversation'({ stores }) {
    const { conversationId: _conversation, messageId: _message, ...ephemeral } = turn()
    await stores.turns.accept(ephemeral, leaseMs)
    equal(await stores.turns.find('t1'), ephemeral)
  },
  async 'refuses the same key twice in a conversation, and takes it in another'({ stores }) {
    for (const id of ['c1', 'c2']) await stores.conversations.create(conversation({ id }))
    await stores.turns.accept(turn({ idempotencyKey: 'k' }), leaseMs)
    await refused(stores.turns.accept(turn({ id: 't2', idempotencyKey: 'k' }), leaseMs), 'database.conflict')
    await stores.turns.accept(turn({ id: 't3', idempotencyKey: 'k', conversationId: 'c2' }), leaseMs)
    await stores.turns.accept(turn({ id: 't4' }), leaseMs)
    await stores.turns.accept(turn({ id: 't5' }), leaseMs)
    equal(await stores.turns.find('t2'), undefined)
  },
  async 'ends a turn once'({ stores }) {
    await withTurn(stores)
    await stores.turns.end(hold(), { state: 'failed', endedAt: 2000, error })
    const late = stores.turns.end(hold(), { state: 'answered', endedAt: 3000, replyId: 'r1' })
    await refused(late, 'database.conflict')
    await refused(stores.turns.end(hold('t9'), { state: 'failed', endedAt: 2000 }), 'database.conflict')
    equal(await stores.turns.find('t1'), turn({ state: 'failed', endedAt: 2000, error, createdAt: 1001 }))
  },
  async 'ends a turn once also when two end it at the same time'({ stores }) {
    await withTurn(stores)
    const ends = ['r1', 'r2', 'r3'].map((replyId) =>
      stores.turns.end(hold(), { state: 'answered', endedAt: 2000, replyId }),
    )
    const results = await Promise.allSettled(ends)
    equal(
      results
        .map(({ status }) => status)
        .toSorted()
        .join(),
      'fulfilled,rejected,rejected',
    )
    const first = results.findIndex(({ status }) => status === 'fulfilled')
    equal((await stores.turns.find('t1'))?.replyId, `r${first + 1}`)
  },
  async 'journals calls by step and position'({ stores }) {
    await withTurn(stores)
    const places = [
      [1, 0],
      [0, 1],
      [0, 0],
    ] as const
    await stores.turns.startCalls(
      hold(),
      places.map(([step, position]) => call({ id: `call${step}${position}`, step, position })),
    )
    equal(ids(await stores.turns.calls('t1')), 'call00 call01 call10')
    equal((await stores.turns.calls('t1'))[0], call({ id: 'call00' }))
  },
  async 'starts all calls of a step or none'({ stores }) {
    await withTurn(stores)
    await stores.turns.startCalls(hold(), [call()])
    await refused(stores.turns.startCalls(hold(), [call({ id: 'call2' }), call()]), 'database.conflict')
    equal(ids(await stores.turns.calls('t1')), 'call1')
    await stores.turns.startCalls(hold(), [])
  },
  async 'ends a call once, and the first end counts'({ stores }) {
    await withTurn(stores)
    await stores.turns.startCalls(hold(), [call(), call({ id: 'call2', position: 1 })])
    await stores.turns.endCall(hold(), 'call1', {
      outcome: { state: 'completed', output: { time: '12:00' } },
      endedAt: 2000,
    })
    await stores.turns.endCall(hold(), 'call1', { outcome: { state: 'unknown', error }, endedAt: 3000 })
    await stores.turns.endCall(hold(), 'call2', { outcome: { state: 'unknown', error }, endedAt: 3000 })
    const output = { time: '12:00' }
    equal(await stores.turns.calls('t1'), [
      call({ state: 'completed', output, endedAt: 2000 }),
      call({ id: 'call2', position: 1, state: 'unknown', error, endedAt: 3000 }),
    ])
  },
  async 'keeps any JSON as input and output'({ stores }) {
    await withTurn(stores)
    const values = [null, 0, '', false, [], { a: [{ b: null }] }, 'a\0b']
    for (const [step, value] of values.entries()) {
      await stores.turns.startCalls(hold(), [call({ id: `call${step}`, step, input: value })])
      await stores.turns.endCall(hold(), `call${step}`, {
        outcome: { state: 'completed', output: value },
        endedAt: 2000,
      })
    }
    const kept = await stores.turns.calls('t1')
    equal(
      kept.map(({ input }) => input),
      values,
    )
    equal(
      kept.map(({ output }) => output),
      values,
    )
  },
}
