import type { Embedder } from '@covent/core'
import { featuresOf, vectorOf } from './features.ts'

const dimensions = 512

/**
 * Built in, deterministic, offline: hashes words and pieces of words. It finds what is spelt alike and knows no meaning:
 * to it `car` and `automobile` are strangers. A word is a token to it.
 */
export const lexicalEmbedder = (): Embedder => ({
  id: 'lexical',
  dimensions,
  async embed(texts, { signal }) {
    signal.throwIfAborted()
    const features = texts.map(featuresOf)
    return {
      vectors: features.map((one) => vectorOf(one, dimensions)),
      tokens: features.reduce((sum, { wordCount }) => sum + wordCount, 0),
    }
  },
})
