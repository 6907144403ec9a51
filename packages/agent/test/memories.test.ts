import type { Embeddings } from '@covent/core'
import { memoryMemories } from '@covent/agent'
import { memoriesSuite } from '@covent/agent/testing'
import { fakeClock } from '@covent/testing'
import { describe, it } from 'vitest'

const places = 64
const placeOf = (word: string): number =>
  [...word].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % places, 7)

/** Counts words. */
const vectorOf = (text: string): Float32Array => {
  const vector = new Float32Array(places)
  for (const word of text.toLowerCase().split(' ')) vector[placeOf(word)] = 1
  return vector.map((value) => value / Math.hypot(...vector))
}

const byWords: Embeddings = {
  defaultId: 'words',
  get: () => ({
    id: 'words',
    dimensions: places,
    embed: async (texts) => ({ vectors: texts.map(vectorOf), tokens: 0 }),
  }),
}

memoriesSuite({ describe, it }, 'memory', async () =>
  memoryMemories({ embeddings: byWords, clock: fakeClock(), mostOfOrigin: 2, mostOfPerson: 3 }),
)
