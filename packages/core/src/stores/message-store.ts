import type { Page, PageRequest } from './page.ts'

export type MessageRole = 'user' | 'assistant' | 'action' | 'system'
export type MessageStatus = 'accepted' | 'answered' | 'failed'

export interface ErrorRecord {
  readonly code: string
  readonly message: string
}

export interface Message {
  readonly id: string
  readonly conversationId: string
  readonly turnId: string
  readonly role: MessageRole
  readonly text: string
  readonly createdAt: number
  /** Of a user's message: whether its turn has ended, and how. Others are `answered` from the start. */
  readonly status: MessageStatus
  /** Why it failed. */
  readonly error?: ErrorRecord
}

export interface MessageStore {
  /** Adds a message at the end; the store numbers messages of a conversation in this order. */
  append(message: Message): Promise<void>
  setStatus(id: string, status: MessageStatus, error?: ErrorRecord): Promise<void>
  find(id: string): Promise<Message | undefined>
  /** Oldest first. The caller has checked whose conversation it is. */
  page(conversationId: string, page: PageRequest): Promise<Page<Message>>
  /**
   * The last `limit` messages that stand before that turn's user message (all, without `beforeTurnId`), oldest first;
   * messages of later turns that were accepted meanwhile are not among them.
   */
  recent(conversationId: string, limit: number, beforeTurnId?: string): Promise<readonly Message[]>
}
