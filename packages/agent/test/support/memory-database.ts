import { DatabaseError, type Stores, type UnitOfWork } from '@covent/core'
import { type Data, type Held, letGo, replace, turnStore } from './memory-turns.ts'

/** One process's hold on the database; after `kill` nothing of it is ever answered, as with `kill -9`. */
export interface Connection {
  readonly stores: Stores
  readonly unitOfWork: UnitOfWork
  kill(): void
  /** Makes the next `count` units of work fail as a database that is away does. */
  failUnits(count: number): void
  readonly units: () => number
}

/** A database in memory: one writer at a time, all of a unit or nothing of it, reads of what has committed. */
export interface MemoryDatabase {
  /** Whatever earlier connections held is let go, as at the start of a process that has the database for itself. */
  connect(): Connection
  /** One more of several processes that share it. */
  join(): Connection
  readonly data: () => Data
}

const messageStore = (held: Held): Stores['messages'] => ({
  async append(message) {
    held.data = { ...held.data, messages: [...held.data.messages, message] }
  },
  async setStatus(id, status, error) {
    const message = held.data.messages.find((one) => one.id === id)!
    const next = { ...message, status, ...(error && { error }) }
    held.data = { ...held.data, messages: replace(held.data.messages, next) }
  },
  find: async (id) => held.data.messages.find((message) => message.id === id),
  page: async (conversationId) => ({
    items: held.data.messages.filter((message) => message.conversationId === conversationId),
  }),
  async recent(conversationId, limit, beforeTurnId) {
    const own = held.data.messages.filter((message) => message.conversationId === conversationId)
    const order = [...new Set(own.filter((one) => one.role === 'user').map((one) => one.turnId))]
    const until = beforeTurnId === undefined ? order.length : order.indexOf(beforeTurnId)
    return own.filter((message) => order.indexOf(message.turnId) < until).slice(-limit)
  },
})

const conversationStore = (held: Held): Stores['conversations'] => ({
  async create(conversation) {
    const conversations = new Map(held.data.conversations).set(conversation.id, conversation)
    held.data = { ...held.data, conversations }
  },
  async find(id, principalId) {
    const found = held.data.conversations.get(id)
    return found?.principalId === principalId ? found : undefined
  },
  list: async () => ({ items: [...held.data.conversations.values()] }),
  async remove(id) {
    const conversations = new Map(held.data.conversations)
    conversations.delete(id)
    const others = <T extends { readonly conversationId?: string }>(items: readonly T[]): readonly T[] =>
      items.filter((item) => item.conversationId !== id)
    held.data = {
      ...held.data,
      conversations,
      messages: others(held.data.messages),
      turns: others(held.data.turns),
    }
    return true
  },
})

/** As much of it as channels use. */
const keyValueStore = (held: Held): Stores['keyValues'] =>
  ({
    async set(_namespace, key, value) {
      held.data = { ...held.data, values: new Map(held.data.values).set(key, value) }
    },
    async delete(_namespace, key) {
      held.data = { ...held.data, values: new Map([...held.data.values].filter(([one]) => one !== key)) }
    },
    list: async () => [...held.data.values].map(([key, value]) => ({ key, value })),
  }) as Partial<Stores['keyValues']> as Stores['keyValues']

const unused = (): never => {
  throw new Error('the agent does not use this store')
}

const storesOn = (held: Held): Stores => ({
  conversations: conversationStore(held),
  messages: messageStore(held),
  turns: turnStore(held),
  keyValues: keyValueStore(held),
  get keys() {
    return unused()
  },
  get secrets() {
    return unused()
  },
  get sql() {
    return unused()
  },
  get memories() {
    return unused()
  },
  get plugins() {
    return unused()
  },
  get devices() {
    return unused()
  },
  get sessions() {
    return unused()
  },
  get secondFactors() {
    return unused()
  },
  get pairing() {
    return unused()
  },
  get outbox() {
    return unused()
  },
  get jobs() {
    return unused()
  },
})

/** Each method goes through `gate`, which decides when, and whether ever, it is answered. */
const gated = <T extends object>(store: T, gate: <R>(work: () => Promise<R>) => Promise<R>): T =>
  new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: readonly unknown[]) => Promise<unknown>
      return (...args: readonly unknown[]) => gate(() => method.apply(target, [...args]))
    },
  })

export const memoryDatabase = (): MemoryDatabase => {
  const held: Held = {
    data: { conversations: new Map(), messages: [], turns: [], calls: [], values: new Map() },
  }
  let writing: Promise<unknown> = Promise.resolve()
  const exclusively = <R>(work: () => Promise<R>): Promise<R> => {
    const mine = writing.then(work, work)
    writing = mine.catch(() => undefined)
    return mine
  }
  return {
    data: () => held.data,
    connect() {
      letGo(held)
      return this.join()
    },
    join() {
      let isDead = false
      let failures = 0
      let units = 0
      const never = <R>(): Promise<R> => new Promise<R>(() => undefined)
      const gate = async <R>(work: () => Promise<R>): Promise<R> => {
        await new Promise((resolve) => setImmediate(resolve))
        if (isDead) return never()
        const result = await exclusively(() => (isDead ? never<R>() : work()))
        return isDead ? never() : result
      }
      const unit = async <R>(work: (stores: Stores) => Promise<R>): Promise<R> => {
        units++
        if (failures-- > 0) throw new DatabaseError('database.unavailable', 'The database is away.')
        const copy: Held = { data: held.data }
        const result = await work(storesOn(copy))
        held.data = copy.data
        return result
      }
      const all = storesOn(held)
      return {
        stores: {
          conversations: gated(all.conversations, gate),
          messages: gated(all.messages, gate),
          turns: gated(all.turns, gate),
          keyValues: gated(all.keyValues, gate),
          get keys() {
            return unused()
          },
          get secrets() {
            return unused()
          },
          get sql() {
            return unused()
          },
          get memories() {
            return unused()
          },
          get plugins() {
            return unused()
          },
          get devices() {
            return unused()
          },
          get sessions() {
            return unused()
          },
          get secondFactors() {
            return unused()
          },
          get pairing() {
            return unused()
          },
          get outbox() {
            return unused()
          },
          get jobs() {
            return unused()
          },
        },
        unitOfWork: { run: (work) => gate(() => unit(work)) },
        kill() {
          isDead = true
        },
        failUnits(count) {
          failures = count
        },
        units: () => units,
      }
    },
  }
}
