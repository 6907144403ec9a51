import type {
  Stores,
  Conversation,
  ConversationStore,
  Message,
  MessageStore,
  Page,
  PageRequest,
} from '@covent/core'

export interface MemoryStores {
  readonly conversations: ConversationStore
  readonly messages: MessageStore
  readonly outbox: Stores['outbox']
  add(message: Message): void
}

const pageOf = <T>(all: readonly T[], { limit, cursor }: PageRequest): Page<T> => {
  const start = Number(cursor ?? 0)
  const items = all.slice(start, start + limit)
  return start + limit < all.length ? { items, nextCursor: String(start + limit) } : { items }
}

/** Holds one dead letter. */
const memoryOutbox = (): Stores['outbox'] => {
  const unused = (): never => {
    throw new Error('nobody asks')
  }
  const made = { type: 'conversation.ended', key: 'c1', payload: { secret: 'hidden' }, createdAt: 0 }
  const died = { consumer: 'memories', attempts: 10, error: 'Error: broken', diedAt: 60_000 }
  let letters = [{ id: 'evt_1', ...made, ...died }]
  return {
    dead: async ({ consumer }) => ({
      items: letters.filter((letter) => consumer === undefined || letter.consumer === consumer),
    }),
    async redrive(consumer, id) {
      const before = letters.length
      letters = letters.filter((one) => one.consumer !== consumer || (id !== undefined && one.id !== id))
      return before - letters.length
    },
    append: unused,
    subscribe: unused,
    unsubscribe: unused,
    claim: unused,
    isDue: unused,
    renew: unused,
    settle: unused,
    finish: unused,
    depths: unused,
    onDue: unused,
  }
}

export const memoryStores = (): MemoryStores => {
  const conversations = new Map<string, Conversation>()
  const messages: Message[] = []
  const find = (id: string, principalId: string): Conversation | undefined => {
    const found = conversations.get(id)
    return found?.principalId === principalId ? found : undefined
  }
  return {
    outbox: memoryOutbox(),
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
