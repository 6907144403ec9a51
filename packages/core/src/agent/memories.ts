import { type Token, token } from '../token.ts'

/** Whose memories: a person's, or those of one of the person's conversations. */
export interface MemoryPlace {
  readonly principalId: string
  readonly conversationId?: string | undefined
}

export interface NewMemory extends MemoryPlace {
  readonly text: string
  /** Id of the plugin that wrote it. */
  readonly origin: string
  /** Whether it came from outside: then it is data, and never a reason for an action with effects. */
  readonly isTainted: boolean
}

export interface Memory extends NewMemory {
  readonly id: string
  readonly createdAt: number
}

export interface FoundMemory extends Memory {
  /** Above 0, up to 1. */
  readonly score: number
}

/** What is remembered of people. Nobody's memories reach another person. */
export interface Memories {
  /** Those of that place that resemble the query, the best first. Nothing, where `principalId` is empty. */
  search(
    place: MemoryPlace,
    query: string,
    options: { readonly limit: number; readonly signal: AbortSignal },
  ): Promise<readonly FoundMemory[]>
  /** The same text of the same origin stands in a place once. Throws `plugin.quota-exceeded` where it holds enough. */
  add(memory: NewMemory, options: { readonly signal: AbortSignal }): Promise<Memory>
  /** Forgets all of that place. */
  forget(place: MemoryPlace): Promise<void>
}
export const Memories: Token<Memories> = token('Memories')
