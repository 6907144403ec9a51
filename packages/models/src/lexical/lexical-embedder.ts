import { setImmediate } from 'node:timers/promises'
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
    const vectors: Float32Array[] = []
    let tokens = 0
    for (const text of texts) {
      // Lets others go on between two texts: 8,000 characters take some five milliseconds.
      if (vectors.length > 0) await setImmediate()
      signal.throwIfAborted()
      const features = featuresOf(text)
      vectors.push(vectorOf(features, dimensions))
      tokens += features.wordCount
    }
    return { vectors, tokens }
  },
})
