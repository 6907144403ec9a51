import { DatabaseError, type SqlResult } from '@covent/core'
import pg, { type ClientBase, type QueryResult } from 'pg'
import { type Query, valuesFor } from '../query.ts'
import { toColumnText } from './text.ts'

/** One connection, on which each query is prepared once. It rejects with what `pg` throws, and with conflicts. */
export interface Connection {
  get<P, R>(query: Query<P, R>, parameters: P): Promise<R | undefined>
  all<P, R>(query: Query<P, R>, parameters: P): Promise<R[]>
  run<P>(query: Query<P, unknown>, parameters: P): Promise<number>
  execute(sql: string, values: readonly unknown[]): Promise<SqlResult>
  /** Runs a statement that takes nothing, and tells what the server calls what it did. */
  command(sql: string): Promise<string>
}

const taken = (name: string | undefined): DatabaseError =>
  new DatabaseError('database.conflict', `${name}: its key is taken; read again and repeat`)

const columns = <P>(query: Query<P, unknown>, parameters: P): unknown[] => {
  const values = valuesFor(query, parameters)
  for (const [n, value] of values.entries()) if (typeof value === 'string') values[n] = toColumnText(value)
  return values
}

const resultOf = (result: QueryResult | readonly QueryResult[]): SqlResult => {
  const results = Array.isArray(result) ? (result as readonly QueryResult[]) : [result as QueryResult]
  const rows = results.flatMap((one) => one.rows as Record<string, unknown>[])
  return { rows, rowCount: results.at(-1)?.rowCount ?? 0 }
}

export const connectionOver = (client: ClientBase): Connection => {
  const send = async <P, R>(query: Query<P, R>, parameters: P): Promise<QueryResult> => {
    const { name, sql: text } = query
    const result = await client.query({ name, text, values: columns(query, parameters) } as pg.QueryConfig)
    if (query.isGuarded && result.rowCount === 0) throw taken(query.name)
    return result
  }
  return {
    get: async <P, R>(query: Query<P, R>, parameters: P) =>
      (await send(query, parameters)).rows[0] as R | undefined,
    all: async <P, R>(query: Query<P, R>, parameters: P) => (await send(query, parameters)).rows as R[],
    run: async (query, parameters) => (await send(query, parameters)).rowCount ?? 0,
    async execute(text, values) {
      // Without values it goes as one message that may hold several statements.
      const parameters = values.length > 0 ? { values: [...values] } : {}
      return resultOf(await client.query({ text, ...parameters, types: pg.types } as pg.QueryConfig))
    },
    command: async (sql) => (await client.query(sql)).command,
  }
}
