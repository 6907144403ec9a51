import { DatabaseError } from '@covent/core'
import pg, { type Pool, type PoolClient } from 'pg'
import { connectionOptions } from './connection-options.ts'
import { failureOf, notOpen } from './failure.ts'
import { fromColumnText } from './text.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=verify-full`. */
  readonly url: string
  /** Connections at most; 10 by default. */
  readonly poolSize?: number
  /** How long to wait for a connection, new or given back; 5,000 by default. */
  readonly connectTimeoutMs?: number
  /** How long a statement may take; 15,000 by default. */
  readonly statementTimeoutMs?: number
  /** When a connection that nobody uses is closed; 30,000 by default. */
  readonly idleTimeoutMs?: number
}

/** Connections that are lent, one to each who asks, while there are some. */
export interface Connections {
  /** Lends a connection for as long as `use` takes; it is closed instead of kept where `use` says so by `discard`. */
  lend<T>(use: (client: PoolClient, discard: () => void) => Promise<T>): Promise<T>
  /** Waits for what is lent. */
  close(): Promise<void>
}

/** Who waits beyond this many times the connections is sent away at once. */
const WAITING_PER_CONNECTION = 20
/** How much longer than the server itself we wait for it to give a statement up. */
const GRACE_MS = 2000

const { INT8, NUMERIC, TEXT } = pg.types.builtins

/** Whole numbers come as numbers, and so do their sums; all are within what a number holds exactly. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (oid === INT8 || oid === NUMERIC) return Number
    return oid === TEXT ? fromColumnText : (pg.types.getTypeParser(oid, format) as (text: string) => unknown)
  },
}

const poolOf = (options: PostgresOptions): Pool => {
  const { poolSize = 10, connectTimeoutMs = 5000, statementTimeoutMs = 15_000 } = options
  const pool = new pg.Pool({
    ...connectionOptions(options.url),
    types,
    max: poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: options.idleTimeoutMs ?? 30_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + GRACE_MS,
    lock_timeout: statementTimeoutMs,
    // A process that stands still must not hold locks for ever.
    idle_in_transaction_session_timeout: statementTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    pipeline: true,
  })
  // A connection that ends, lent or not, is told to whoever uses it; unheard, the event would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  return pool
}

const overloaded = (size: number): DatabaseError =>
  new DatabaseError('database.unavailable', `All ${size} connections to the database are taken; try again`)

export const openPool = (options: PostgresOptions): Connections => {
  const pool = poolOf(options)
  const size = pool.options.max
  const lent = new Set<Promise<unknown>>()
  let isClosed = false

  const take = async (): Promise<PoolClient> => {
    if (pool.waitingCount >= size * WAITING_PER_CONNECTION) throw overloaded(size)
    try {
      return await pool.connect()
    } catch (error) {
      if ((error as Error).message === 'timeout exceeded when trying to connect') throw overloaded(size)
      throw failureOf(error).error
    }
  }
  const using = async <T>(use: (client: PoolClient, discard: () => void) => Promise<T>): Promise<T> => {
    const client = await take()
    let isDiscarded = false
    try {
      return await use(client, () => void (isDiscarded = true))
    } finally {
      client.release(isDiscarded)
    }
  }
  return {
    async lend(use) {
      if (isClosed) throw notOpen()
      const loan = using(use)
      lent.add(loan)
      try {
        return await loan
      } finally {
        lent.delete(loan)
      }
    },
    async close() {
      isClosed = true
      await Promise.allSettled(lent)
      await pool.end()
    },
  }
}
