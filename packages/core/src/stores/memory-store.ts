import type { FoundMemory, Memory, MemoryPlace } from '../agent/memories.ts'

/** A text as an embedder sees it. */
export interface Embedding {
  /** Id of the embedder; vectors of different ones are not compared. */
  readonly embedder: string
  /** Of unit length. */
  readonly vector: Float32Array
}

export interface MemoryLimits {
  /** How many of one person and one origin are kept at most, and how many of one person. */
  readonly ofOrigin: number
  readonly ofPerson: number
}

/** Keeps what is remembered of people, for all servers of a database. Memories of a conversation are deleted with it. */
export interface MemoryStore {
  /** Of several with the same text, origin and place the first stands and is given. Throws `plugin.quota-exceeded`. */
  add(memory: Memory, embedding: Embedding, limits: MemoryLimits): Promise<Memory>
  /** Those of that place, compared with each of the same embedder; the best first, none that resembles it not at all. */
  search(place: MemoryPlace, wanted: Embedding, limit: number): Promise<readonly FoundMemory[]>
  /** Forgets all of that place. */
  forget(place: MemoryPlace): Promise<void>
  /** Of that person, some that stand under another embedder than this one. */
  foreign(principalId: string, embedder: string, limit: number): Promise<readonly Memory[]>
  /** Puts it under another embedder. */
  embed(id: string, embedding: Embedding): Promise<void>
}
