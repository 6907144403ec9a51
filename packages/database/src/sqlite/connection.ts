import type { SqlResult } from '@covent/core'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { SqliteDatabase as SqliteHandle } from 'kysely'
import { type Query, valuesFor } from '../query.ts'
import { sqliteFailure } from './failure.ts'

/** One connection, with each query prepared once. Calls block: a write until its commit is on the disk. */
export interface Connection {
  get<P, R>(query: Query<P, R>, parameters: P): R | undefined
  all<P, R>(query: Query<P, R>, parameters: P): R[]
  /** How many rows it changed. */
  run<P>(query: Query<P, unknown>, parameters: P): number
  execute(sql: string, values: readonly unknown[]): SqlResult
  /** Runs a statement that takes and gives nothing. */
  command(sql: string): void
  /** False where SQLite has rolled back by itself, as it may when the disk is full. */
  readonly inTransaction: boolean
  /** The same connection as Kysely wants it. */
  readonly handle: SqliteHandle
  close(): void
}

export interface ConnectionOptions {
  readonly readOnly: boolean
  /** How long a statement waits for another process's lock; the thread stands still meanwhile. */
  readonly busyTimeoutMs: number
}

const translated = <T>(call: () => T): T => {
  try {
    return call()
  } catch (error) {
    throw sqliteFailure(error)
  }
}

const handleOf = (db: DatabaseSync): SqliteHandle => ({
  close() {},
  prepare(sql) {
    const statement = db.prepare(sql)
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...(parameters as string[])),
      run: (parameters) => statement.run(...(parameters as string[])),
      iterate: (parameters) => statement.iterate(...(parameters as string[])),
    }
  },
})

export const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

const numbersOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array =>
  byteOffset % 4 === 0
    ? new Float32Array(buffer, byteOffset, byteLength / 4)
    : new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength))

const dot = (left: Uint8Array, right: Uint8Array): number => {
  const [a, b] = [numbersOf(left), numbersOf(right)]
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!
  return sum
}

const columnOf = (value: unknown): SQLInputValue =>
  typeof value === 'boolean' ? Number(value) : (value as SQLInputValue)

const executed = (db: DatabaseSync, sql: string, values: readonly unknown[]): SqlResult => {
  const statement = db.prepare(sql)
  const columns = values.map(columnOf)
  if (statement.columns().length > 0) {
    const rows = statement.all(...columns)
    return { rows, rowCount: rows.length }
  }
  if (columns.length > 0) return { rows: [], rowCount: Number(statement.run(...columns).changes) }
  db.exec(sql)
  return { rows: [], rowCount: Number(db.prepare('select changes() n').get()?.['n']) }
}

export const openConnection = (path: string, { readOnly, busyTimeoutMs }: ConnectionOptions): Connection => {
  const db = translated(
    () => new DatabaseSync(path, { readOnly, timeout: busyTimeoutMs, enableForeignKeyConstraints: true }),
  )
  db.function('covent_dot', { deterministic: true }, (a, b) => dot(a as Uint8Array, b as Uint8Array))
  const prepared = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    let found = prepared.get(sql)
    if (found === undefined) prepared.set(sql, (found = db.prepare(sql)))
    return found
  }
  return {
    get<P, R>(query: Query<P, R>, parameters: P) {
      try {
        return statement(query.sql).get(...(valuesFor(query, parameters) as SQLInputValue[])) as R | undefined
      } catch (error) {
        throw sqliteFailure(error)
      }
    },
    all<P, R>(query: Query<P, R>, parameters: P) {
      try {
        return statement(query.sql).all(...(valuesFor(query, parameters) as SQLInputValue[])) as R[]
      } catch (error) {
        throw sqliteFailure(error)
      }
    },
    run(query, parameters) {
      try {
        return statement(query.sql).run(...(valuesFor(query, parameters) as SQLInputValue[]))
          .changes as number
      } catch (error) {
        throw sqliteFailure(error)
      }
    },
    execute: (sql, values) => translated(() => executed(db, sql, values)),
    command: (sql) => void translated(() => statement(sql).run()),
    get inTransaction() {
      return db.isTransaction
    },
    handle: handleOf(db),
    close: () => db.close(),
  }
}

/** The connection that writes: what it has committed is on the disk. */
export const openWriter = (path: string, busyTimeoutMs: number): Connection => {
  const writer = openConnection(path, { readOnly: false, busyTimeoutMs })
  writer.command('pragma journal_mode = wal')
  writer.command('pragma synchronous = full')
  return writer
}
