import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import type { Engine } from './engine.ts'
import { conversationQueries } from './conversations.ts'
import { deviceQueries, pairingQueries, sessionQueries } from './identity/devices.ts'
import { jobQueries } from './jobs/jobs.ts'
import { secondFactorQueries } from './identity/second-factors.ts'
import { keyValueQueries } from './key-values.ts'
import { keyQueries } from './identity/keys.ts'
import { memoryQueries } from './memories.ts'
import { messageQueries } from './messages.ts'
import { outboxQueries } from './outbox/outbox.ts'
import { pluginVersionQueries } from './plugin-versions.ts'
import { pluginQueries } from './plugins.ts'
import { secretQueries } from './secrets.ts'
import { turnQueries } from './turns/turns.ts'

/** Every statement of every store, compiled for the engine that `db` speaks. */
export const storeQueries = (db: Kysely<Schema>, engine: Engine) => ({
  conversations: conversationQueries(db),
  messages: messageQueries(db),
  turns: turnQueries(db, engine),
  keys: keyQueries(db),
  devices: deviceQueries(db),
  sessions: sessionQueries(db),
  secondFactors: secondFactorQueries(db),
  pairing: pairingQueries(db),
  keyValues: keyValueQueries(db),
  plugins: pluginQueries(db),
  pluginVersions: pluginVersionQueries(db),
  secrets: secretQueries(db),
  memories: memoryQueries(db),
  outbox: outboxQueries(db, engine),
  jobs: jobQueries(db, engine),
})
export type StoreQueries = ReturnType<typeof storeQueries>
