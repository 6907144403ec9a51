import { type Embedding, type Memory, type MemoryPlace, type MemoryStore, PluginError } from '@covent/core'

interface Kept extends Embedding {
  readonly memory: Memory
}

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0)

const isIn = ({ principalId, conversationId }: Memory, place: MemoryPlace): boolean =>
  principalId === place.principalId &&
  (place.conversationId === undefined || conversationId === place.conversationId)

const isSame = (a: Memory, b: Memory): boolean =>
  a.text === b.text &&
  a.origin === b.origin &&
  a.principalId === b.principalId &&
  a.conversationId === b.conversationId

/** Memories in this process. */
export const heldMemories = (): MemoryStore => {
  let all: readonly Kept[] = []
  const room = ({ principalId, origin }: Memory, limits: { ofOrigin: number; ofPerson: number }): boolean => {
    const own = all.filter(({ memory }) => memory.principalId === principalId)
    const byOrigin = own.filter(({ memory }) => memory.origin === origin)
    return own.length < limits.ofPerson && byOrigin.length < limits.ofOrigin
  }
  return {
    async add(memory, embedding, limits) {
      const standing = all.find((kept) => isSame(kept.memory, memory))
      if (standing !== undefined) return standing.memory
      if (!room(memory, limits)) throw new PluginError('plugin.quota-exceeded', 'full')
      all = [...all, { memory, ...embedding }]
      return memory
    },
    search: async (place, { embedder, vector }, limit) =>
      all
        .filter((kept) => isIn(kept.memory, place) && kept.embedder === embedder)
        .map((kept) => ({ ...kept.memory, score: Math.min(1, dot(kept.vector, vector)) }))
        .filter(({ score }) => score > 0)
        .toSorted((a, b) => b.score - a.score)
        .slice(0, limit),
    async forget(place) {
      all = all.filter(({ memory }) => !isIn(memory, place))
    },
    foreign: async (principalId, embedder, limit) =>
      all
        .filter((kept) => kept.memory.principalId === principalId && kept.embedder !== embedder)
        .slice(0, limit)
        .map(({ memory }) => memory),
    async embed(id, embedding) {
      all = all.map((kept) => (kept.memory.id === id ? { memory: kept.memory, ...embedding } : kept))
    },
  }
}
