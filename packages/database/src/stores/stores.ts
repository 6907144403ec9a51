import type { Stores } from '@covent/core'
import type { StoreQueries } from '../queries/queries.ts'
import type { Session } from '../session.ts'
import { conversationStore } from './conversations.ts'
import { deviceStore } from './identity/devices.ts'
import { jobStore } from './jobs/jobs.ts'
import { keyStore } from './identity/keys.ts'
import { keyValueStore } from './key-values.ts'
import { memoryStore } from './memories.ts'
import { messageStore } from './messages.ts'
import type { OutboxNews } from './outbox/outbox-news.ts'
import { outboxAlong, outboxStore } from './outbox/outbox.ts'
import { pairingStore } from './identity/pairing.ts'
import { pluginStore } from './plugins.ts'
import { secretStore } from './secrets.ts'
import { secondFactorStore } from './identity/second-factors.ts'
import { sessionStore } from './identity/sessions.ts'
import { turnStore } from './turns.ts'

/** The stores over one session; cheap, since the queries are shared. */
export const storesOver = (session: Session, queries: StoreQueries, news: OutboxNews): Stores => ({
  conversations: conversationStore(session, queries.conversations, outboxAlong(queries.outbox, news)),
  messages: messageStore(session, queries.messages),
  turns: turnStore(session, queries.turns),
  keys: keyStore(session, queries.keys),
  devices: deviceStore(session, queries.devices),
  sessions: sessionStore(session, queries),
  secondFactors: secondFactorStore(session, queries.secondFactors),
  pairing: pairingStore(session, queries.pairing),
  keyValues: keyValueStore(session, queries.keyValues),
  plugins: pluginStore(session, queries),
  secrets: secretStore(session, queries.secrets),
  outbox: outboxStore(session, queries.outbox, news),
  jobs: jobStore(session, queries.jobs, news),
  memories: memoryStore(session, queries.memories),
  sql: { engine: session.engine, execute: async (sql, values = []) => session.execute(sql, values) },
})
