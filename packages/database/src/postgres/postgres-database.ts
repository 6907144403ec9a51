import {
  AppError,
  DatabaseError,
  type HealthCheck,
  type Service,
  type Stores,
  type UnitOfWork,
} from '@covent/core'
import type { Session } from '../session.ts'
import { conversationRemoval } from '../stores/conversation-removal.ts'
import { outboxListeners } from '../stores/outbox/outbox-news.ts'
import { storesOver } from '../stores/stores.ts'
import { type Connection, connectionOver } from './connection.ts'
import { failureOf, notOpen } from './failure.ts'
import { pendingMigrations } from './migrations/pending-migrations.ts'
import { type Connections, openPool, type PostgresOptions } from './pool.ts'
import { postgresQueries } from './queries.gen.ts'
import { type Transactions, transactions } from './transactions.ts'
import { currentUnit } from './unit.ts'

export { connectionOptions, isInTheClear } from './connection-options.ts'
export type { PostgresOptions } from './pool.ts'

/** All stores in one database of a PostgreSQL server, which any number of processes share. */
export interface PostgresDatabase extends Service {
  readonly stores: Stores
  readonly unitOfWork: UnitOfWork
  readonly health: HealthCheck
  start(): Promise<void>
  stop(): Promise<void>
}

interface Open extends Connections {
  readonly transactions: Transactions
}

const outside = (): DatabaseError =>
  new DatabaseError(
    'database.unit-misused',
    'Inside a unit of work, write through the stores that it was given; others would wait for it to end',
  )

/** Reads that meet a connection which has ended meanwhile are done once more, on another. */
const read = async <T>({ lend }: Connections, run: (connection: Connection) => Promise<T>): Promise<T> => {
  const attempt = (): Promise<T> =>
    lend(async (client, discard) => {
      try {
        return await run(connectionOver(client))
      } catch (error) {
        if (failureOf(error).isConnectionLost) discard()
        throw error
      }
    })
  try {
    return await attempt().catch((error: unknown) => {
      if (!failureOf(error).isConnectionLost) throw error
      return attempt()
    })
  } catch (error) {
    throw failureOf(error).error
  }
}

const committedSession = (open: () => Open): Session => {
  const reading = async <T>(run: (connection: Connection) => Promise<T>): Promise<T> => {
    const unit = currentUnit.getStore()
    return unit?.isOpen ? unit.waitFor(() => read(open(), run)) : read(open(), run)
  }
  const writing = (): Transactions => {
    if (currentUnit.getStore()?.isOpen) throw outside()
    return open().transactions
  }
  return {
    engine: 'postgres',
    vector: Array.from<number>,
    get: (query, parameters) => reading((connection) => connection.get(query, parameters)),
    all: (query, parameters) => reading((connection) => connection.all(query, parameters)),
    run: async (query, parameters) => writing().statement((connection) => connection.run(query, parameters)),
    execute: async (sql, values) => writing().statement((connection) => connection.execute(sql, values)),
    atomically: async (work) => writing().run(work),
  }
}

const mode = {
  sql: `select current_setting('transaction_read_only') as "readOnly"`,
  names: [],
  name: 'health.mode',
}

const healthCheck = (session: Session): HealthCheck => ({
  name: 'database',
  critical: true,
  async check() {
    try {
      const found = await session.get<object, { readonly readOnly: string }>(mode, {})
      return found?.readOnly === 'off' ? { ok: true } : { ok: false, detail: 'database.unavailable' }
    } catch (error) {
      return { ok: false, detail: AppError.is(error) ? error.code : 'database.unavailable' }
    }
  },
})

const upToDate = (connections: Connections): Promise<void> =>
  connections.lend(async (client, discard) => {
    try {
      if ((await pendingMigrations(connectionOver(client))).length === 0) return
      discard()
      const { migrate } = await import('./migrations/migrate.ts')
      await migrate(client)
    } catch (error) {
      throw failureOf(error).error
    }
  })

const opened = async (options: PostgresOptions): Promise<Open> => {
  const pool = openPool(options)
  try {
    await upToDate(pool)
    return { ...pool, transactions: transactions(pool) }
  } catch (error) {
    await pool.close()
    throw error
  }
}

/**
 * Deletes what a process that died was deleting, while the server serves already; what another one is deleting at this
 * moment both delete, piece by piece. What cannot be deleted now, the next start goes on with: nobody sees it meanwhile.
 */
const finishRemovals = async (session: Session): Promise<void> => {
  try {
    await conversationRemoval(session, postgresQueries.conversations.removal).finish()
  } catch {
    // Told by the health check where the database is at fault.
  }
}

/** Opens nothing before `start()`; before it and after `stop()` every call is refused. */
export const postgresDatabase = (options: PostgresOptions): PostgresDatabase => {
  let current: Open | undefined
  const open = (): Open => {
    if (current === undefined) throw notOpen()
    return current
  }
  const session = committedSession(open)
  const listeners = outboxListeners()
  return {
    name: 'database',
    stores: storesOver(session, postgresQueries, listeners),
    unitOfWork: {
      run: (work) =>
        listeners.afterCommit((news) =>
          session.atomically((within) => work(storesOver(within, postgresQueries, news))),
        ),
    },
    health: healthCheck(session),
    async start() {
      current = await opened(options)
      void finishRemovals(session)
    },
    async stop() {
      await current?.close()
      current = undefined
    },
  }
}
