import type { Compilable } from 'kysely'

export type SqlValue = string | number | null

/** A statement compiled once, whose parameters are given by name and sent by position. */
export interface Query<P, R> {
  readonly sql: string
  /** Values in the order in which the statement wants them. */
  bind(parameters: P): SqlValue[]
  /** Never there; carries the type of a row. */
  readonly row?: R
}

const named = Symbol('named parameter')
type Named = { readonly [named]: string }

const placeholders = new Proxy({}, { get: (_, name) => Object.freeze({ [named]: name }) })

const isNamed = (value: unknown): value is Named =>
  typeof value === 'object' && value !== null && named in value

/** Names stand in an array beside fixed values, since this runs before every statement. */
const binder = <P>(values: readonly unknown[]): Query<P, unknown>['bind'] => {
  const names = values.map((value) => (isNamed(value) ? (value[named] as keyof P) : undefined))
  return (parameters) => {
    const bound: SqlValue[] = []
    for (let n = 0; n < names.length; n++) {
      const name = names[n]
      bound.push((name === undefined ? values[n] : parameters[name]) as SqlValue)
    }
    return bound
  }
}

/**
 * Compiles what `build` makes. `p.name` stands for the parameter of that name wherever the builder takes a value:
 * `query((p: { id: string }) => db.selectFrom('turns').selectAll().where('id', '=', p.id))`.
 */
export const query = <P extends object, R>(build: (p: P) => Compilable<R>): Query<P, R> => {
  const compiled = build(placeholders as P).compile()
  return { sql: compiled.sql, bind: binder<P>(compiled.parameters) }
}

/** The named columns of a row of parameters, for an insert. */
export const columnsOf = <P extends object, K extends keyof P>(p: P, columns: readonly K[]): Pick<P, K> =>
  Object.fromEntries(columns.map((column) => [column, p[column]])) as Pick<P, K>
