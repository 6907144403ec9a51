import type { Namespace, Stores, WriteOptions } from '@covent/core'
import { equal, refused } from './assert.ts'
import { hold, leaseMs, turn } from './records.ts'
import type { Cases } from './stores-suite.ts'

const ann: Namespace = { plugin: 'notes', scope: 'principal', owner: 'ann' }
const ben: Namespace = { ...ann, owner: 'ben' }

let operations = 0
const write = (options: Partial<WriteOptions> = {}): WriteOptions => ({
  operationId: `operation ${operations++}`,
  nowMs: 1000,
  ...options,
})

const keysOf = async ({ keyValues }: Stores, prefix: string, nowMs = 1000): Promise<string> =>
  (await keyValues.list(ann, prefix, { limit: 3, nowMs })).map(({ key }) => key).join(' ')

export const keyValueCases: Cases = {
  async 'keeps any JSON, and gives undefined where there is nothing'({ stores: { keyValues } }) {
    for (const value of [null, 0, '', false, [], { b: 1, a: [{ c: null }] }, 'a\0b']) {
      await keyValues.set(ann, 'k', value, write())
      equal(await keyValues.get(ann, 'k', 1000), value)
    }
    await keyValues.delete(ann, 'k', write())
    equal(await keyValues.get(ann, 'k', 1000), undefined)
  },
  async 'refuses what is not JSON'({ stores: { keyValues } }) {
    const loop: unknown[] = []
    loop.push(loop)
    for (const value of [undefined, () => 1, 1n, loop])
      await refused(keyValues.set(ann, 'k', value, write()), 'validation.failed')
  },
  async 'keeps owners, scopes and plugins apart'({ stores: { keyValues } }) {
    await keyValues.set(ann, 'k', 'ann’s', write())
    const strangers: Namespace[] = [ben, { ...ann, scope: 'conversation' }, { ...ann, plugin: 'other' }]
    for (const stranger of strangers) {
      equal(await keyValues.get(stranger, 'k', 1000), undefined)
      equal(await keyValues.list(stranger, '', { limit: 9, nowMs: 1000 }), [])
      await keyValues.delete(stranger, 'k', write())
    }
    equal(await keyValues.get(ann, 'k', 1000), 'ann’s')
  },
  async 'lists live keys of a prefix in key order'({ stores }) {
    for (const key of ['b', 'a/2', 'a/1', 'a', 'a0', 'a/%', 'á'])
      await stores.keyValues.set(ann, key, key, write({ expiresAt: key === 'a/2' ? 2000 : 9000 }))
    equal(await keysOf(stores, 'a/'), 'a/% a/1 a/2')
    equal(await keysOf(stores, 'a/', 2000), 'a/% a/1')
    equal(await keysOf(stores, ''), 'a a/% a/1')
    equal(await keysOf(stores, 'c'), '')
  },
  async 'forgets a value at the moment of its expiry'({ stores: { keyValues } }) {
    await keyValues.set(ann, 'k', 1, write({ expiresAt: 2000 }))
    equal(await keyValues.get(ann, 'k', 1999), 1)
    equal(await keyValues.get(ann, 'k', 2000), undefined)
    await keyValues.set(ann, 'k', 2, write())
    equal(await keyValues.get(ann, 'k', 9999), 2)
  },
  async 'does a write of one name once'({ stores: { keyValues } }) {
    const first = write()
    await keyValues.set(ann, 'k', 1, first)
    await keyValues.set(ann, 'k', 2, first)
    await keyValues.delete(ann, 'k', first)
    equal(await keyValues.get(ann, 'k', 1000), 1)
    await keyValues.set({ ...ann, plugin: 'other' }, 'k', 3, first)
    equal(await keyValues.get({ ...ann, plugin: 'other' }, 'k', 1000), 3)
  },
  async 'compares by meaning, and sets only where it fits'({ stores: { keyValues } }) {
    const change = (expected: unknown, next: unknown) =>
      keyValues.compareAndSet(ann, 'k', { expected, next }, write())
    equal(await change({ a: 1 }, 2), false)
    equal(await change(undefined, { a: 1, b: [1, { c: null, d: '' }] }), true)
    equal(await change(undefined, 2), false)
    equal(await change({ b: [1, { d: '', c: null }], a: 1 }, null), true)
    equal(await change(undefined, 2), false)
    equal(await change(null, 2), true)
    equal(await change(2, undefined), true)
    equal(await keyValues.get(ann, 'k', 1000), undefined)
  },
  async 'answers a repeated comparison as the first time'({ stores: { keyValues } }) {
    const [won, lost] = [write(), write()]
    const change = (options: WriteOptions) =>
      keyValues.compareAndSet(ann, 'k', { expected: undefined, next: 1 }, options)
    equal([await change(won), await change(lost)], [true, false])
    await keyValues.delete(ann, 'k', write())
    equal([await change(won), await change(lost)], [true, false])
    equal(await keyValues.get(ann, 'k', 1000), undefined)
  },
  async 'lets one of many comparisons win'({ stores: { keyValues } }) {
    const tries = Array.from({ length: 20 }, (_, next) =>
      keyValues.compareAndSet(ann, 'k', { expected: undefined, next }, write()),
    )
    const won = await Promise.all(tries)
    equal(won.filter(Boolean).length, 1)
    equal(await keyValues.get(ann, 'k', 1000), won.indexOf(true))
  },
  async 'holds a plugin to its quota, over all owners'({ stores: { keyValues } }) {
    const set = (namespace: Namespace, key: string, length: number) =>
      keyValues.set(namespace, key, 'x'.repeat(length), write({ quotaBytes: 100 }))
    await set(ann, 'a', 47)
    await set(ben, 'b', 47)
    await refused(set(ben, 'c', 0), 'plugin.quota-exceeded')
    await refused(set(ann, 'a', 48), 'plugin.quota-exceeded')
    await set({ ...ann, plugin: 'other' }, 'a', 90)
    await set(ann, 'a', 40)
    await set(ben, 'c', 4)
    await keyValues.delete(ben, 'b', write())
    await set(ann, 'd', 40)
    equal(await keyValues.get(ann, 'a', 1000), 'x'.repeat(40))
  },
  async 'tells how much a plugin stores'({ stores: { keyValues } }) {
    equal(await keyValues.sizeBytes(ann.plugin), 0)
    await keyValues.set(ann, 'a', 'x'.repeat(47), write())
    await keyValues.set(ben, 'b', 'x'.repeat(7), write())
    equal(await keyValues.sizeBytes(ann.plugin), 60)
    await keyValues.delete(ann, 'a', write())
    equal([await keyValues.sizeBytes(ann.plugin), await keyValues.sizeBytes('other')], [10, 0])
  },
  async 'counts bytes, not characters, and no expired values'({ stores: { keyValues } }) {
    const set = (key: string, value: string, nowMs: number) =>
      keyValues.set(ann, key, value, write({ quotaBytes: 20, nowMs, expiresAt: 2000 }))
    await refused(set('k', '👩👩👩👩👩', 1000), 'plugin.quota-exceeded')
    await set('k', '👩👩👩👩', 1000)
    await refused(set('l', 'x', 1999), 'plugin.quota-exceeded')
    await set('l', '👩👩👩👩', 2000)
    await refused(set('m', 'x', 1999), 'plugin.quota-exceeded')
  },
  async 'does a write of a refused name when it is tried again'({ stores: { keyValues } }) {
    const options = write({ quotaBytes: 5 })
    await refused(keyValues.set(ann, 'k', 'too long', options), 'plugin.quota-exceeded')
    await keyValues.set(ann, 'k', 'x', options)
    equal(await keyValues.get(ann, 'k', 1000), 'x')
  },
  async 'forgets old names, but none of a turn that is still open'({ stores: { keyValues, turns } }) {
    const [old, open, recent] = [write(), write({ nowMs: 3000 }), write({ nowMs: 5000 })]
    const { conversationId: _conversation, ...ephemeral } = turn({ createdAt: 2000 })
    await turns.accept(ephemeral, leaseMs)
    for (const options of [old, open, recent]) await keyValues.set(ann, options.operationId, 1, options)
    const stillKnown = async (options: WriteOptions): Promise<boolean> => {
      await keyValues.set(ann, options.operationId, 2, options)
      return (await keyValues.get(ann, options.operationId, 9000)) === 1
    }
    await keyValues.forgetOperations(4000)
    equal([await stillKnown(open), await stillKnown(recent), await stillKnown(old)], [true, true, false])
    await turns.end(hold(), { state: 'answered', endedAt: 4000 })
    await keyValues.forgetOperations(4000)
    equal([await stillKnown(open), await stillKnown(recent)], [false, true])
  },
}
