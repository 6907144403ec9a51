import type { NewDurableEvent } from './outbox-store.ts'
import type { Page, PageRequest } from './page.ts'

/** Where messages stand. It belongs to one principal; to others it does not exist. */
export interface Conversation {
  readonly id: string
  readonly principalId: string
  readonly character: string
  readonly createdAt: number
}

export interface ConversationStore {
  create(conversation: Conversation): Promise<void>
  find(id: string, principalId: string): Promise<Conversation | undefined>
  /** Oldest first. */
  list(principalId: string, page: PageRequest): Promise<Page<Conversation>>
  /**
   * Deletes it with its messages, turns and journal; false where the principal has none of that id. The event is appended
   * to the outbox in the same commit that makes it nobody's.
   */
  remove(id: string, principalId: string, event?: NewDurableEvent): Promise<boolean>
}
