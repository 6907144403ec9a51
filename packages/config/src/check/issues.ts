import type * as z from 'zod'
import type { Path, Problem } from './problem.ts'

type Issue = z.core.$ZodIssue
type Found = Omit<Problem, 'place' | 'variable'>

/** What zod found, in our words: never with the value, which may be a secret. */
export const issueProblems = (issues: readonly Issue[], input: unknown, base: Path = []): readonly Found[] =>
  issues.flatMap((issue) => {
    const path: Path = [...base, ...issue.path.filter((part) => typeof part !== 'symbol')]
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => problem([...path, key], 'unknown setting', 'config.unknown-key'))
    if (issue.code === 'invalid_union' && issue.errors.length > 0 && !isChoiceOfKinds(issue.errors))
      return issueProblems(closest(issue.errors), input, path)
    return [problem(path, `expected ${expected(issue)}, found ${kindOf(valueAt(input, path))}`)]
  })

const problem = (path: Path, message: string, code: Found['code'] = 'config.invalid-value'): Found => ({
  code,
  path,
  message,
})

/** Of a union's alternatives the one that fits best: whose problems lie deepest, and then are fewest. */
const closest = (alternatives: readonly (readonly Issue[])[]): readonly Issue[] => {
  const depth = (issues: readonly Issue[]): number => Math.max(...issues.map(({ path }) => path.length))
  return alternatives.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0]!
}

/** Whether none of the alternatives takes such a kind of value at all. */
const isChoiceOfKinds = (alternatives: readonly (readonly Issue[])[]): boolean =>
  alternatives.every(([first]) => first?.code === 'invalid_type' && first.path.length === 0)

const articles: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
  undefined: 'nothing',
  nan: 'NaN',
}
const named = (kind: string): string => articles[kind] ?? kind

const units: Readonly<Record<string, string>> = { string: 'characters', array: 'entries', set: 'entries' }

const expected = (issue: Issue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return named(issue.expected)
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`
    case 'invalid_union': {
      const { options } = issue as { options?: readonly unknown[] }
      if (options !== undefined) return `one of ${options.map((value) => JSON.stringify(value)).join(', ')}`
      return issue.errors.flatMap((issues) => issues.slice(0, 1).map(expected)).join(' or ')
    }
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    case 'invalid_format':
      return `text that ${rule(issue.message) ?? formatRule(issue.format)}`
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`
    case 'invalid_key': {
      const words = issue.issues.map(({ message }) => rule(message)).find((text) => text !== undefined)
      return words === undefined ? 'another name for this entry' : `a name that ${words}`
    }
    case 'custom':
      return `what its rule asks (${issue.message})`
    default:
      return 'another value'
  }
}

/** What a schema's author wrote of a rule (`must be …`, `is not …`); undefined where zod found its own words. */
const rule = (message: string): string | undefined =>
  /^invalid\b/i.test(message) ? undefined : message.replace(/^is not\b/, 'is')

const formatRule = (format: string): string =>
  format === 'regex' ? 'is a valid value (see the documentation)' : `is a valid ${format}`

const bound = (origin: string, comparison: string, limit: number | bigint): string =>
  `${comparison} ${limit}${units[origin] === undefined ? '' : ` ${units[origin]}`}`

const valueAt = (input: unknown, path: Path): unknown => {
  let value = input
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string | number, unknown>)[part]
  }
  return value
}

const kindOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (Number.isNaN(value)) return 'NaN'
  if (typeof value === 'boolean') return 'a boolean'
  return named(typeof value)
}
