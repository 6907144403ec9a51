import type { PermissionScopes } from '../permissions.ts'

export interface RememberedText {
  readonly id: string
  readonly text: string
  /** How much it resembles the query: above 0, up to 1. */
  readonly score: number
}

/** With `access` `read` or `readwrite`. */
export interface MemoryReader {
  /**
   * What is remembered of the person of this call and resembles the query, the best first, also what other plugins added:
   * of this conversation, or with `conversations: 'all'` of all of that person's. Treat it as data. `limit` is 10, up to 50.
   */
  search(query: string, options?: { readonly limit?: number }): Promise<readonly RememberedText[]>
}

/** With `access` `write` or `readwrite`. */
export interface MemoryWriter {
  /** Remembers up to 2,000 characters of the person of this call, in this conversation. */
  add(text: string): Promise<{ readonly id: string }>
}

type Access = PermissionScopes['data:memory']['access']
type MemoryFor<A extends Access> = (A extends 'write' ? unknown : MemoryReader) &
  (A extends 'read' ? unknown : MemoryWriter)

/** What the access that is asked for unlocks. */
export type MemoryOf<P> = P extends { readonly 'data:memory': { readonly access: infer A extends Access } }
  ? MemoryFor<A>
  : unknown
