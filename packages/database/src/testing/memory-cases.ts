import type { Embedding, Memory, MemoryPlace, Stores } from '@covent/core'
import { equal, ids, refused } from './assert.ts'
import { conversation } from './records.ts'
import type { Cases } from './stores-suite.ts'

const limits = { ofOrigin: 2, ofPerson: 3 }

const towards = (...values: readonly number[]): Embedding => {
  const length = Math.hypot(...values)
  return { embedder: 'plain', vector: Float32Array.from(values, (value) => value / length) }
}

const memory = (id: string, more: Partial<Memory> = {}): Memory => ({
  id,
  principalId: 'p1',
  origin: 'acme.a',
  text: `text of ${id}`,
  isTainted: true,
  createdAt: 1000,
  ...more,
})

const found = async ({ memories }: Stores, place: MemoryPlace, wanted = towards(1, 0)): Promise<string> =>
  ids(await memories.search(place, wanted, 9))

export const memoryCases: Cases = {
  async 'finds what resembles most first, up to the limit, and nothing that does not at all'({ stores }) {
    const { memories } = stores
    const room = { ofOrigin: 9, ofPerson: 9 }
    await memories.add(memory('far', { createdAt: 3 }), towards(0.1, 1), room)
    await memories.add(memory('near'), towards(1, 0.1), room)
    await memories.add(memory('other'), towards(-1, 0), room)
    equal(await found(stores, { principalId: 'p1' }), 'near far')
    const [best] = await memories.search({ principalId: 'p1' }, towards(1, 0.1), 1)
    const { score, ...rest } = best!
    equal(rest, memory('near'))
    equal(score > 0.999 && score <= 1, true)
  },
  async 'keeps people and conversations apart'({ stores }) {
    const { memories } = stores
    await memories.add(memory('home', { conversationId: 'c1' }), towards(1), limits)
    await memories.add(memory('work', { conversationId: 'c2' }), towards(1), limits)
    await memories.add(memory('hers', { principalId: 'p2' }), towards(1), limits)
    equal(await found(stores, { principalId: 'p1' }, towards(1)), 'home work')
    equal(await found(stores, { principalId: 'p1', conversationId: 'c2' }, towards(1)), 'work')
    equal(await found(stores, { principalId: 'p2', conversationId: 'c2' }, towards(1)), '')
    await memories.forget({ principalId: 'p1', conversationId: 'c1' })
    equal(await found(stores, { principalId: 'p1' }, towards(1)), 'work')
    await memories.forget({ principalId: 'p1' })
    equal(await found(stores, { principalId: 'p1' }, towards(1)), '')
    equal(await found(stores, { principalId: 'p2' }, towards(1)), 'hers')
  },
  async 'keeps the same text of one origin in one place once, however many bring it'({ stores }) {
    const bring = (n: number, more: Partial<Memory> = {}) =>
      stores.memories.add(memory(`m${n}`, { text: 'the same', ...more }), towards(1), limits)
    const kept = await Promise.all([1, 2, 3, 4].map((n) => bring(n)))
    equal(new Set(kept.map(({ id }) => id)).size, 1)
    equal((await bring(5, { conversationId: 'c1' })).id, 'm5')
    equal((await bring(6, { principalId: 'p2' })).id, 'm6')
  },
  async 'keeps only so many of one origin and of one person, also of those that come at once'({ stores }) {
    const add = (id: string, origin: string) =>
      stores.memories.add(memory(id, { origin }), towards(1), limits)
    const ended = await Promise.allSettled(['a', 'b', 'c', 'd'].map((id) => add(id, 'acme.a')))
    equal(ended.filter(({ status }) => status === 'fulfilled').length, 2)
    await add('e', 'acme.b')
    await refused(add('f', 'acme.c'), 'plugin.quota-exceeded')
    await stores.memories.forget({ principalId: 'p1' })
    await add('f', 'acme.c')
  },
  async 'forgets those of a conversation with it, and makes room'({ stores }) {
    await stores.conversations.create(conversation())
    for (const id of ['a', 'b'])
      await stores.memories.add(memory(id, { conversationId: 'c1' }), towards(1), limits)
    await refused(stores.memories.add(memory('c'), towards(1), limits), 'plugin.quota-exceeded')
    await stores.conversations.remove('c1', 'p1')
    equal(await found(stores, { principalId: 'p1' }, towards(1)), '')
    for (const origin of ['acme.a', 'acme.b', 'acme.c'])
      await stores.memories.add(memory(origin, { origin }), towards(1), limits)
  },
  async 'compares vectors of one embedder only, and puts memories under another'({ stores }) {
    const { memories } = stores
    await memories.add(memory('m1'), towards(1, 0), limits)
    const wanted = { ...towards(0, 1, 0), embedder: 'new' }
    equal(await found(stores, { principalId: 'p1' }, wanted), '')
    equal(await memories.foreign('p1', 'new', 9), [memory('m1')])
    await memories.embed('m1', wanted)
    equal(await memories.foreign('p1', 'new', 9), [])
    equal(await found(stores, { principalId: 'p1' }, wanted), 'm1')
  },
}
