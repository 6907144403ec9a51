import type { Embeddings, MemoryStore } from '@covent/core'
import { memories } from '@covent/agent'
import { memoriesSuite } from '@covent/agent/testing'
import { fakeClock } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { heldMemories } from './support/memory-store.ts'

const places = 64
const placeOf = (word: string): number =>
  [...word].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % places, 7)

/** Counts words. */
const vectorOf = (text: string): Float32Array => {
  const vector = new Float32Array(places)
  for (const word of text.toLowerCase().split(' ')) vector[placeOf(word)] = 1
  return vector.map((value) => value / Math.hypot(...vector))
}

/** Counts words, under a name of its own. */
const byWords = (id = 'words'): Embeddings => ({
  defaultId: id,
  get: () => ({
    id,
    dimensions: places,
    embed: async (texts) => ({ vectors: texts.map(vectorOf), tokens: 0 }),
  }),
})

const over = (store: MemoryStore, embeddings = byWords()) =>
  memories({ embeddings, store, clock: fakeClock(), mostOfOrigin: 2, mostOfPerson: 3 })

memoriesSuite({ describe, it }, 'over a store', async () => over(heldMemories()))

it('finds what it kept before the embedder was another one', async () => {
  const store = heldMemories()
  const { signal } = new AbortController()
  const wish = { principalId: 'ann', origin: 'acme.a', text: 'The door code is 12', isTainted: true }
  await over(store).add(wish, { signal })
  const found = await over(store, byWords('others')).search({ principalId: 'ann' }, 'door code', {
    limit: 1,
    signal,
  })
  expect(found.map(({ text }) => text)).toEqual(['The door code is 12'])
})
