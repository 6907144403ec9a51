import type { Conversation, ConversationStore, Message, MessageStore, Page, PageRequest } from '@covent/core'

export interface MemoryStores {
  readonly conversations: ConversationStore
  readonly messages: MessageStore
  add(message: Message): void
}

const pageOf = <T>(all: readonly T[], { limit, cursor }: PageRequest): Page<T> => {
  const start = Number(cursor ?? 0)
  const items = all.slice(start, start + limit)
  return start + limit < all.length ? { items, nextCursor: String(start + limit) } : { items }
}

export const memoryStores = (): MemoryStores => {
  const conversations = new Map<string, Conversation>()
  const messages: Message[] = []
  const find = (id: string, principalId: string): Conversation | undefined => {
    const found = conversations.get(id)
    return found?.principalId === principalId ? found : undefined
  }
  return {
    add: (message) => void messages.push(message),
    conversations: {
      create: async (conversation) => void conversations.set(conversation.id, conversation),
      find: async (id, principalId) => find(id, principalId),
      list: async (principalId, page) =>
        pageOf(
          [...conversations.values()].filter((one) => one.principalId === principalId),
          page,
        ),
      remove: async (id, principalId) => find(id, principalId) !== undefined && conversations.delete(id),
    },
    messages: {
      append: async (message) => void messages.push(message),
      setStatus: async () => undefined,
      find: async (id) => messages.find((one) => one.id === id),
      page: async (conversationId, page) =>
        pageOf(
          messages.filter((one) => one.conversationId === conversationId),
          page,
        ),
      recent: async () => [],
    },
  }
}
