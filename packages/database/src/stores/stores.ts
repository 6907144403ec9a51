import type { Stores } from '@covent/core'
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import type { Session } from '../session.ts'
import { conversationQueries, conversationStore } from './conversations.ts'
import { keyQueries, keyStore } from './keys.ts'
import { keyValueQueries } from './key-value-queries.ts'
import { keyValueStore } from './key-values.ts'
import { messageQueries, messageStore } from './messages.ts'
import { turnQueries, turnStore } from './turns.ts'

/** Every statement of every store, compiled for the engine that `db` speaks. */
export const storeQueries = (db: Kysely<Schema>) => ({
  conversations: conversationQueries(db),
  messages: messageQueries(db),
  turns: turnQueries(db),
  keys: keyQueries(db),
  keyValues: keyValueQueries(db),
})
export type StoreQueries = ReturnType<typeof storeQueries>

/** The stores over one session; cheap, since the queries are shared. */
export const storesOver = (session: Session, queries: StoreQueries): Stores => ({
  conversations: conversationStore(session, queries.conversations),
  messages: messageStore(session, queries.messages),
  turns: turnStore(session, queries.turns),
  keys: keyStore(session, queries.keys),
  keyValues: keyValueStore(session, queries.keyValues),
})
