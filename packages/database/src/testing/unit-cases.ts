import type { Stores } from '@covent/core'
import { setImmediate } from 'node:timers/promises'
import { equal, ids, refused } from './assert.ts'
import { acceptTurn, conversation, hold, leaseMs, message, reply, turn } from './records.ts'
import type { Cases } from './stores-suite.ts'

const has = async ({ conversations }: Stores, id: string): Promise<boolean> =>
  (await conversations.find(id, 'p1')) !== undefined

const create = ({ conversations }: Stores, id: string): Promise<void> =>
  conversations.create(conversation({ id }))

export const unitCases: Cases = {
  async 'keeps all writes of a unit and gives back what it returned'({ stores, unitOfWork }) {
    const given = await unitOfWork.run(async (unit) => {
      await create(unit, 'c1')
      await acceptTurn(unit, 1)
      return ids(await unit.messages.recent('c1', 9))
    })
    equal(given, 'm1')
    equal((await stores.turns.find('t1'))?.state, 'accepted')
  },
  async 'keeps none of a unit that rejects, and passes its own error on'({ stores, unitOfWork }) {
    const error = new Error('on purpose')
    const failed = unitOfWork.run(async (unit) => {
      await create(unit, 'c1')
      throw error
    })
    equal(await failed.catch((caught: unknown) => caught === error), true)
    equal(await has(stores, 'c1'), false)
  },
  async 'keeps none of a unit whose second write is refused'({ stores, unitOfWork }) {
    await create(stores, 'c1')
    await acceptTurn(stores, 1)
    await stores.turns.end(hold(), { state: 'failed', endedAt: 2000 })
    const answered = unitOfWork.run(async (unit) => {
      await unit.messages.append(reply(1))
      await unit.turns.end(hold(), { state: 'answered', endedAt: 2000, replyId: 'r1' })
    })
    await refused(answered, 'database.conflict')
    equal(await stores.messages.find('r1'), undefined)
  },
  async 'goes on after a refused write that the work has dealt with'({ stores, unitOfWork }) {
    await create(stores, 'c1')
    await unitOfWork.run(async (unit) => {
      await refused(create(unit, 'c1'), 'database.conflict')
      await create(unit, 'c2')
    })
    equal(await has(stores, 'c2'), true)
  },
  async 'takes message and turn in either order'({ stores, unitOfWork }) {
    await create(stores, 'c1')
    await unitOfWork.run(async (unit) => {
      await unit.messages.append(message())
      await unit.turns.accept(turn(), leaseMs)
    })
    equal(ids(await stores.messages.recent('c1', 9)), 'm1')
  },
  async 'lets each unit of many stand or fall alone, and single writes among them'({ stores, unitOfWork }) {
    await create(stores, 'taken')
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, async (_, n) => {
        if (n % 3 === 2) return create(stores, `single ${n}`)
        return unitOfWork.run(async (unit) => {
          await create(unit, `first ${n}`)
          await create(unit, n % 3 === 0 ? `second ${n}` : 'taken')
        })
      }),
    )
    for (const [n, { status }] of results.entries()) {
      equal(status, n % 3 === 1 ? 'rejected' : 'fulfilled')
      equal(await has(stores, n % 3 === 2 ? `single ${n}` : `first ${n}`), n % 3 !== 1)
    }
  },
  async 'lets each unit see those before it, so that no update is lost'({ stores, unitOfWork }) {
    const place = { plugin: 'p', scope: 'plugin', owner: '' } as const
    const increment = (n: number) =>
      unitOfWork.run(async ({ keyValues }) => {
        const value = ((await keyValues.get(place, 'n', 0)) ?? 0) as number
        await keyValues.set(place, 'n', value + 1, { operationId: `increment ${n}`, nowMs: 0 })
      })
    await Promise.all(Array.from({ length: 50 }, (_, n) => increment(n)))
    equal(await stores.keyValues.get(place, 'n', 0), 50)
  },
  async 'shows a unit’s writes to others only once they have committed'({ stores, unitOfWork }) {
    const seen: [boolean, string][] = []
    const look = async (through: Stores): Promise<void> => {
      const listed = await through.conversations.list('p1', { limit: 9 })
      seen.push([await has(through, 'c1'), ids(listed.items)])
    }
    await unitOfWork.run(async (unit) => {
      await create(unit, 'c1')
      await look(unit)
      await look(stores)
    })
    await look(stores)
    equal(seen, [
      [true, 'c1'],
      [false, ''],
      [true, 'c1'],
    ])
  },
  async 'rolls back a unit that awaits something else, and serves the others'({ stores, unitOfWork }) {
    const { promise: stuck, resolve: release } = Promise.withResolvers<void>()
    const ended: string[] = []
    const misused = unitOfWork.run(async (unit) => {
      await create(unit, 'c1')
      await stuck
      await create(unit, 'c2').catch((error: { code: string }) => ended.push(error.code))
    })
    const others = [create(stores, 'c3'), unitOfWork.run((unit) => create(unit, 'c4'))]
    await refused(misused, 'database.unit-misused')
    await Promise.all(others)
    release()
    await setImmediate()
    equal(ended, ['database.unit-misused'])
    equal(await Promise.all(['c1', 'c2', 'c3', 'c4'].map((id) => has(stores, id))), [
      false,
      false,
      true,
      true,
    ])
  },
  async 'refuses a unit that waits for a write outside of it, instead of waiting for ever'({
    stores,
    unitOfWork,
  }) {
    const misused = unitOfWork.run(async (unit) => {
      await create(unit, 'c1')
      await create(stores, 'c2')
    })
    await refused(misused, 'database.unit-misused')
    await create(stores, 'c3')
    equal(await Promise.all(['c1', 'c3'].map((id) => has(stores, id))), [false, true])
  },
  async 'refuses stores that are kept beyond their unit'({ stores, unitOfWork }) {
    const kept = await unitOfWork.run(async (unit) => unit)
    await refused(create(kept, 'c1'), 'database.unit-misused')
    await refused(kept.turns.lapsed(), 'database.unit-misused')
    equal(await has(stores, 'c1'), false)
  },
}
