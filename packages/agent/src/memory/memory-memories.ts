import {
  type Clock,
  type Embeddings,
  type FoundMemory,
  type Memories,
  type Memory,
  type MemoryPlace,
  newId,
  type NewMemory,
  PluginError,
} from '@covent/core'

export interface MemoryMemoriesOptions {
  readonly embeddings: Embeddings
  readonly clock: Clock
  /** Of one person and one origin; 500 when absent. */
  readonly mostOfOrigin?: number
  /** Of one person; 1,000 when absent. */
  readonly mostOfPerson?: number
  /** Of all together; 10,000 when absent. */
  readonly mostOfAll?: number
}

interface Kept {
  readonly memory: Memory
  readonly vector: Float32Array
}

const dot = (a: Float32Array, b: Float32Array): number => {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!
  return sum
}

const isIn = ({ memory }: Kept, { conversationId }: MemoryPlace): boolean =>
  conversationId === undefined || memory.conversationId === conversationId

const isSame = ({ memory }: Kept, { text, origin, conversationId }: NewMemory): boolean =>
  memory.text === text && memory.origin === origin && memory.conversationId === conversationId

const full = (most: number, whose: string): PluginError =>
  new PluginError(
    'plugin.quota-exceeded',
    `${most} memories ${whose} are kept already, and no more; those of a conversation end with it`,
  )

/** Memories in this process, which end with it. Each search compares with all of the person's. */
export const memoryMemories = (options: MemoryMemoriesOptions): Memories => {
  const { embeddings, clock, mostOfOrigin = 500, mostOfPerson = 1_000, mostOfAll = 10_000 } = options
  const people = new Map<string, readonly Kept[]>()
  let count = 0

  const keep = (principalId: string, kept: readonly Kept[]): void => {
    count += kept.length - (people.get(principalId)?.length ?? 0)
    if (kept.length === 0) people.delete(principalId)
    else people.set(principalId, kept)
  }
  const checkRoom = (own: readonly Kept[], origin: string): void => {
    if (own.filter(({ memory }) => memory.origin === origin).length >= mostOfOrigin)
      throw full(mostOfOrigin, `of this person by ${origin}`)
    if (own.length >= mostOfPerson) throw full(mostOfPerson, 'of this person')
    if (count >= mostOfAll) throw full(mostOfAll, 'of all people')
  }
  const vectorOf = async (text: string, signal: AbortSignal): Promise<Float32Array> => {
    const { vectors } = await embeddings.get().embed([text], { signal })
    return vectors[0]!
  }
  return {
    async search(place, query, { limit, signal }) {
      const wanted = await vectorOf(query, signal)
      const own = people.get(place.principalId) ?? []
      const scored = own
        .filter((kept) => isIn(kept, place))
        .map(({ memory, vector }): FoundMemory => ({ ...memory, score: Math.min(1, dot(wanted, vector)) }))
      return scored
        .filter(({ score }) => score > 0)
        .toSorted((a, b) => b.score - a.score)
        .slice(0, limit)
    },
    async add(wish, { signal }) {
      if (wish.principalId === '') throw new RangeError('a memory is of a person')
      const vector = await vectorOf(wish.text, signal)
      const own = people.get(wish.principalId) ?? []
      const standing = own.find((kept) => isSame(kept, wish))
      if (standing !== undefined) return standing.memory
      checkRoom(own, wish.origin)
      const memory = { ...wish, id: newId('mem', clock.now()), createdAt: clock.now() }
      keep(wish.principalId, [...own, { memory, vector }])
      return memory
    },
    async forget(place) {
      const own = people.get(place.principalId) ?? []
      keep(
        place.principalId,
        own.filter((kept) => !isIn(kept, place)),
      )
    },
  }
}
