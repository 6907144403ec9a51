import type { Query } from './query.ts'

/** Where stores send their statements: the database itself, or one unit of work. */
export interface Session {
  get<P, R>(query: Query<P, R>, parameters: P): Promise<R | undefined>
  all<P, R>(query: Query<P, R>, parameters: P): Promise<R[]>
  /** How many rows it changed. */
  run<P>(query: Query<P, unknown>, parameters: P): Promise<number>
  /** Several statements that stand or fall together, and see nobody else's writes between them. */
  atomically<T>(work: (session: Session) => Promise<T>): Promise<T>
}
