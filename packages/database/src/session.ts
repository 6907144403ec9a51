import type { SqlDatabase, SqlResult } from '@covent/core'
import type { Query, SqlVector } from './query.ts'

/** There at once where the engine runs in this process; `await` takes both, and a throw within an async store is a rejection. */
export type Soon<T> = T | Promise<T>

/** Where stores send their statements: the database itself, or one unit of work. */
export interface Session {
  readonly engine: SqlDatabase['engine']
  get<P, R>(query: Query<P, R>, parameters: P): Soon<R | undefined>
  all<P, R>(query: Query<P, R>, parameters: P): Soon<R[]>
  /** How many rows it changed. */
  run<P>(query: Query<P, unknown>, parameters: P): Soon<number>
  vector(values: Float32Array): SqlVector
  /** Somebody else's SQL. */
  execute(sql: string, values: readonly unknown[]): Soon<SqlResult>
  /** Several statements that stand or fall together, and see nobody else's writes between them. */
  atomically<T>(work: (session: Session) => Promise<T>): Promise<T>
}
