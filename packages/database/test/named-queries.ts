import type { Query } from '../src/query.ts'

const isQuery = (value: object): value is Query<object, unknown> => 'sql' in value

/** All queries of a tree, by their path in it. */
export const named = (queries: object, path = ''): [string, Query<object, unknown>][] =>
  Object.entries(queries).flatMap(([name, value]: [string, object]) =>
    isQuery(value) ? [[path + name, value]] : named(value, `${path}${name}.`),
  )
