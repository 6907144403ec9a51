import type { Compilable } from 'kysely'
import type { Query } from '../query.ts'
import { isGuarded } from './guarded-inserts.ts'

const parameter = Symbol('parameter')
type Parameter = { readonly [parameter]: string }

const placeholders = new Proxy({}, { get: (_, name) => Object.freeze({ [parameter]: name }) })

const isParameter = (value: unknown): value is Parameter =>
  typeof value === 'object' && value !== null && parameter in value

const nameOf = (value: unknown, sql: string): string => {
  if (isParameter(value)) return value[parameter]
  throw new Error(`${JSON.stringify(value)} would become a parameter without a name of: ${sql}; use sql.lit`)
}

/**
 * Compiles what `build` makes. `p.name` stands for the parameter of that name wherever the builder takes a value:
 * `query((p: { id: string }) => db.selectFrom('turns').selectAll().where('id', '=', p.id))`.
 * A fixed value is written with `sql.lit`.
 */
export const query = <P extends object, R>(build: (p: P) => Compilable<R>): Query<P, R> => {
  const { sql, parameters, query: node } = build(placeholders as P).compile()
  const names = parameters.map((value) => nameOf(value, sql) as keyof P & string)
  return { sql, names, ...(isGuarded(node) && { isGuarded: true as const }) }
}

/** The named columns of a row of parameters, for an insert. */
export const columnsOf = <P extends object, K extends keyof P>(p: P, columns: readonly K[]): Pick<P, K> =>
  Object.fromEntries(columns.map((column) => [column, p[column]])) as Pick<P, K>
