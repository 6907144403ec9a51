import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import { AppError, type Memories, type MemoryPlace } from '@covent/core'

/** The two functions of a test runner that the suite needs; Vitest and `node:test` fit. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

const { signal } = new AbortController()
const ann = { principalId: 'ann' }
const annAtHome = { ...ann, conversationId: 'home' }
const annAtWork = { ...ann, conversationId: 'work' }
const bob = { principalId: 'bob' }

const textsIn = async (
  memories: Memories,
  place: MemoryPlace,
  query = 'door code',
): Promise<readonly string[]> => {
  const found = await memories.search(place, query, { limit: 10, signal })
  return found.map(({ text }) => text)
}

type Test = (title: string, body: (memories: Memories) => Promise<void>) => unknown
type Author = MemoryPlace & { readonly origin?: string }
const add = (memories: Memories, author: Author, text: string) =>
  memories.add({ origin: 'acme.a', ...author, text, isTainted: true }, { signal })

/** What memories must do. Pass a way to open ones that are empty and hold two of a person and one origin, and three of a person. */
export const memoriesSuite = (runner: Runner, name: string, open: () => Promise<Memories>): void => {
  const it: Test = (title, body) => runner.it(title, async () => body(await open()))
  runner.describe(`memories: ${name}`, () => {
    placeTests(it)
    keepingTests(it)
  })
}

const placeTests = (it: Test): void => {
  it('finds what one person said in any conversation, and nothing of another', async (memories) => {
    await add(memories, annAtHome, 'The door code is 12')
    await add(memories, bob, 'The door code is 34')
    deepStrictEqual(await textsIn(memories, ann), ['The door code is 12'])
    deepStrictEqual(await textsIn(memories, { principalId: '' }), [])
    deepStrictEqual(await textsIn(memories, { principalId: 'an' }), [])
  })
  it('finds within a conversation what was said there alone', async (memories) => {
    await add(memories, annAtHome, 'The door code is 12')
    await add(memories, annAtWork, 'The door code is 56')
    deepStrictEqual(await textsIn(memories, annAtWork), ['The door code is 56'])
    deepStrictEqual(await textsIn(memories, { ...bob, conversationId: 'work' }), [])
  })
  it('forgets a conversation, or a person', async (memories) => {
    await add(memories, annAtHome, 'The door code is 12')
    await add(memories, annAtWork, 'The door code is 56')
    await add(memories, bob, 'The door code is 34')
    await memories.forget(annAtHome)
    deepStrictEqual(await textsIn(memories, ann), ['The door code is 56'])
    await memories.forget(ann)
    deepStrictEqual(
      [await textsIn(memories, ann), await textsIn(memories, bob)],
      [[], ['The door code is 34']],
    )
  })
  it('keeps a memory of nobody out', async (memories) => {
    await rejects(add(memories, { principalId: '' }, 'The door code is 12'))
  })
}

const keepingTests = (it: Test): void => {
  it('puts what resembles the query most first, up to the limit', async (memories) => {
    await add(memories, ann, 'My sister has a door')
    const { id } = await add(memories, ann, 'The door code is 12')
    const [first, ...others] = await memories.search(ann, 'the door code', { limit: 1, signal })
    strictEqual(first?.id, id)
    ok(first.score > 0 && first.score <= 1)
    deepStrictEqual(others, [])
  })
  it('keeps who wrote it, and that it is tainted', async (memories) => {
    await add(memories, annAtHome, 'The door code is 12')
    const [found] = await memories.search(ann, 'door code', { limit: 1, signal })
    deepStrictEqual([found?.origin, found?.isTainted, found?.conversationId], ['acme.a', true, 'home'])
  })
  it('keeps the same text of one origin in one place once', async (memories) => {
    const first = await add(memories, annAtHome, 'The door code is 12')
    strictEqual((await add(memories, annAtHome, 'The door code is 12')).id, first.id)
    strictEqual((await textsIn(memories, ann)).length, 1)
  })
  it('keeps only so many of one origin, and of one person, also of those that come at once', async (memories) => {
    const isFull = (error: unknown): boolean => AppError.is(error, 'plugin.quota-exceeded')
    const adding = ['a', 'b', 'c', 'd'].map((word) => add(memories, ann, `door ${word}`))
    const ended = await Promise.allSettled(adding)
    strictEqual(ended.filter(({ status }) => status === 'fulfilled').length, 2)
    await add(memories, { ...ann, origin: 'acme.b' }, 'door e')
    await rejects(add(memories, { ...ann, origin: 'acme.c' }, 'door f'), isFull)
    await add(memories, bob, 'door a')
    await memories.forget(ann)
    await add(memories, { ...ann, origin: 'acme.c' }, 'door f')
  })
}
