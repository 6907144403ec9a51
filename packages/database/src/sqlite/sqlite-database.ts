import { AsyncLocalStorage } from 'node:async_hooks'
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
import { bytesOf, type Connection, openConnection, openWriter } from './connection.ts'
import { notOpen } from './failure.ts'
import { ownFile } from './files.ts'
import { pendingMigrations } from './pending-migrations.ts'
import { sqliteQueries } from './queries.gen.ts'
import { type UnitQueue, unitQueue } from './unit-queue.ts'

export interface SqliteOptions {
  /** The database file. Folders that are missing are made with mode 0700, the file with 0600. */
  readonly path: string
  /** How long to wait for another process that writes, such as a shell; 1,000 by default. */
  readonly busyTimeoutMs?: number
}

/** All stores in one file: one connection writes, another reads, so that reads see only what has committed. */
export interface SqliteDatabase extends Service {
  readonly stores: Stores
  readonly unitOfWork: UnitOfWork
  readonly health: HealthCheck
  start(): Promise<void>
  stop(): Promise<void>
}

interface Connections {
  readonly writer: Connection
  readonly reader: Connection
}

const makeFile = (path: string): void => {
  try {
    ownFile(path)
  } catch (cause) {
    throw new DatabaseError('database.unavailable', `${path} cannot be made or is not ours to write`, {
      cause,
    })
  }
}

/** Refuses a newer schema before a byte is written. */
const checkSchema = (path: string, busyTimeoutMs: number): void => {
  const connection = openConnection(path, { readOnly: true, busyTimeoutMs })
  try {
    pendingMigrations(connection)
  } finally {
    connection.close()
  }
}

const committedSession = (connections: () => Connections, queue: UnitQueue): Session => ({
  engine: 'sqlite',
  vector: bytesOf,
  get: (query, parameters) => connections().reader.get(query, parameters),
  all: (query, parameters) => connections().reader.all(query, parameters),
  run: (query, parameters) => queue.statement((writer) => writer.run(query, parameters)),
  execute: (sql, values) => queue.statement((writer) => writer.execute(sql, values)),
  atomically: (work) => queue.work(work),
})

/** Writes something small when the last write failed, so that the check turns well by itself once it can. */
const healthCheck = (connections: () => Connections, queue: UnitQueue): HealthCheck => ({
  name: 'database',
  critical: true,
  async check() {
    try {
      connections().reader.command('pragma schema_version')
      if (queue.failure !== undefined)
        await queue.statement((writer) => writer.command('pragma user_version = 1'))
      return { ok: true }
    } catch (error) {
      return { ok: false, detail: AppError.is(error) ? error.code : 'database.unavailable' }
    }
  },
})

const upToDate = async (writer: Connection): Promise<void> => {
  if (pendingMigrations(writer).length === 0) return
  const { migrate } = await import('./migrate.ts')
  await migrate(writer)
}

/** Opens the file and brings its schema up to date; leaves nothing open when that fails. */
const openBoth = async ({ path, busyTimeoutMs = 1000 }: SqliteOptions): Promise<Connections> => {
  makeFile(path)
  checkSchema(path, busyTimeoutMs)
  const writer = openWriter(path, busyTimeoutMs)
  try {
    await upToDate(writer)
    return { writer, reader: openConnection(path, { readOnly: true, busyTimeoutMs }) }
  } catch (error) {
    writer.close()
    throw error
  }
}

/**
 * Lets go the turns that a process that died held, and deletes what it was deleting. A database that cannot be written
 * now, being full or held by a shell, is no reason not to start: holds end by themselves, nobody sees those
 * conversations, the next start goes on, and the health check tells why.
 */
const clearUp = async (session: Session): Promise<void> => {
  try {
    await session.run(sqliteQueries.turns.releaseAll, {})
    await conversationRemoval(session, sqliteQueries.conversations.removal).finish()
  } catch (error) {
    if (!AppError.is(error)) throw error
  }
}

/** Opens nothing before `start()`; before it and after `stop()` every call is refused. */
export const sqliteDatabase = (options: SqliteOptions): SqliteDatabase => {
  let open: Connections | undefined
  const connections = (): Connections => {
    if (open === undefined) throw notOpen()
    return open
  }
  const queue = unitQueue(() => connections().writer)
  const session = committedSession(connections, queue)
  const listeners = outboxListeners()
  const close = (): void => {
    open?.reader.close()
    open?.writer.close()
    open = undefined
  }
  return {
    name: 'database',
    stores: storesOver(session, sqliteQueries, listeners),
    unitOfWork: {
      run(work) {
        const inContext = AsyncLocalStorage.snapshot()
        return listeners.afterCommit((news) =>
          queue.work((session) => inContext(() => work(storesOver(session, sqliteQueries, news)))),
        )
      },
    },
    health: healthCheck(connections, queue),
    async start() {
      open = await openBoth(options)
      try {
        await clearUp(session)
      } catch (error) {
        close()
        throw error
      }
    },
    async stop() {
      await queue.close()
      close()
    },
  }
}
