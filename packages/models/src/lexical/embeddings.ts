import { type Embedder, type Embeddings, ModelError } from '@covent/core'
import { lexicalEmbedder } from './lexical-embedder.ts'

/** The embedders of this server: `lexical` alone for now. */
export const embeddings = (embedders: readonly Embedder[] = [lexicalEmbedder()]): Embeddings => {
  const defaultId = embedders[0]!.id
  return {
    defaultId,
    get(id = defaultId) {
      const found = embedders.find((one) => one.id === id)
      if (found !== undefined) return found
      const known = embedders.map((one) => one.id).join(', ')
      throw new ModelError(
        'model.not-found',
        `There is no embedder ${id.slice(0, 100)}; use one of ${known}.`,
      )
    },
  }
}
