import {
  type Clock,
  type Embedder,
  type Embedding,
  type Embeddings,
  type Memories,
  type MemoryStore,
  newId,
} from '@covent/core'

export interface MemoriesOptions {
  readonly embeddings: Embeddings
  readonly store: MemoryStore
  readonly clock: Clock
  /** Of one person and one origin; 500 when absent. */
  readonly mostOfOrigin?: number
  /** Of one person; 1,000 when absent. */
  readonly mostOfPerson?: number
}

/** Memories that stand under another embedder, of which one search puts so many under the present one. */
const CARRIED_OVER = 100

/** What is remembered of people, over a store. Each search compares with all of the person's. */
export const memories = ({ embeddings, store, clock, ...most }: MemoriesOptions): Memories => {
  const limits = { ofOrigin: most.mostOfOrigin ?? 500, ofPerson: most.mostOfPerson ?? 1_000 }
  const embed = async (
    embedder: Embedder,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly Embedding[]> => {
    const { vectors } = await embedder.embed(texts, { signal })
    return vectors.map((vector) => ({ embedder: embedder.id, vector }))
  }
  const carryOver = async (principalId: string, embedder: Embedder, signal: AbortSignal): Promise<void> => {
    const foreign = await store.foreign(principalId, embedder.id, CARRIED_OVER)
    if (foreign.length === 0) return
    const texts = foreign.map(({ text }) => text)
    const embedded = await embed(embedder, texts, signal)
    for (const [n, { id }] of foreign.entries()) await store.embed(id, embedded[n]!)
  }
  return {
    async search(place, query, { limit, signal }) {
      if (place.principalId === '') return []
      const embedder = embeddings.get()
      await carryOver(place.principalId, embedder, signal)
      const [wanted] = await embed(embedder, [query], signal)
      return store.search(place, wanted!, limit)
    },
    async add(wish, { signal }) {
      if (wish.principalId === '') throw new RangeError('a memory is of a person')
      const [embedding] = await embed(embeddings.get(), [wish.text], signal)
      const createdAt = clock.now()
      return store.add({ ...wish, id: newId('mem', createdAt), createdAt }, embedding!, limits)
    },
    forget: (place) => store.forget(place),
  }
}
