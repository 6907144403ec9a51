import { resolve } from 'node:path'
import { ConfigurationError } from '@covent/core'
import type * as z from 'zod'
import { type Environment, environmentOverrides, type Override } from './read/environment.ts'
import { issueProblems } from './check/issues.ts'
import { type Document, parseJson5 } from './read/json5.ts'
import { configurationError, type Path, type Problem } from './check/problem.ts'
import { shapeOf } from './check/shape.ts'
import { readSource } from './read/source-file.ts'
import { unknownNames } from './check/unknown-names.ts'

export interface LoadConfigOptions<S extends z.ZodType> {
  /** Defaults are the schema's. Unknown settings are refused also where the schema itself would let them pass. */
  readonly schema: S
  /** The JSON5 file at its usual place; where it is missing, defaults hold. */
  readonly file?: string
  readonly env?: Environment
  /** Arguments among which `--config FILE` names another file, which must exist. */
  readonly argv?: readonly string[]
}

/**
 * File, then environment over it, checked by the schema. All that is wrong is told at once, in one `ConfigurationError`:
 * each setting with its line or variable, what was expected, and never the value that was found.
 */
export const loadConfig = async <S extends z.ZodType>(
  options: LoadConfigOptions<S>,
): Promise<z.output<S>> => {
  const named = namedFile(options.argv ?? [])
  const file = named ?? options.file
  const text = file === undefined ? undefined : await readSource(file, named !== undefined)
  const document = await parseJson5(text ?? '')
  if (document.value === undefined) throw configurationError(file, document.problems)
  return check(options, { file: text === undefined ? undefined : file, document })
}

interface Source {
  readonly file: string | undefined
  readonly document: Document
}

const check = async <S extends z.ZodType>(
  { schema, env = {} }: LoadConfigOptions<S>,
  { file, document }: Source,
): Promise<z.output<S>> => {
  const base = withoutSchemaName(document.value)
  const { overrides, problems: badVariables } = await environmentOverrides(schema, base, env)
  const input = overrides.reduce<unknown>(applied, base)
  const result = schema.safeParse(input)
  const unknown = await unknownNames(input, shapeOf(schema))
  const found = [...unknown, ...(result.success ? [] : issueProblems(result.error.issues, input))]
  const placed = withoutRepeats(found).map((each) => located(each, overrides, document))
  const problems = [...document.problems, ...placed, ...badVariables].toSorted(byPlace)
  if (problems.length > 0 || !result.success) throw configurationError(file, problems)
  return result.data
}

const namedFile = (argv: readonly string[]): string | undefined => {
  for (const [n, argument] of argv.entries()) {
    if (argument === '--') return undefined
    if (argument.startsWith('--config=')) return fileArgument(argument.slice('--config='.length))
    if (argument === '--config') return fileArgument(argv[n + 1])
  }
  return undefined
}

const fileArgument = (file: string | undefined): string => {
  if (file !== undefined && file !== '' && !file.startsWith('--')) return resolve(file)
  throw new ConfigurationError('config.unreadable', '--config needs a file: --config FILE')
}

/** `$schema` is for editors. */
const withoutSchemaName = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || !('$schema' in value)) return value
  const { $schema: _, ...rest } = value
  return rest
}

const applied = (value: unknown, { path, value: inner }: Pick<Override, 'path' | 'value'>): unknown => {
  const [name, ...rest] = path
  if (name === undefined) return inner
  // What is no object stays, so that the schema refuses it, as it would without the variable.
  if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value)))
    return value
  const before = (value as Record<string | number, unknown> | undefined)?.[name]
  return { ...value, [name]: applied(before, { path: rest, value: inner }) }
}

const withoutRepeats = (problems: readonly Omit<Problem, 'place'>[]): readonly Omit<Problem, 'place'>[] => {
  const seen = new Set<string>()
  return problems.filter(({ path }) => {
    const key = JSON.stringify(path)
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

/** A setting that a variable gave is found by the variable's name, another one by its place in the file. */
const located = (
  problem: Omit<Problem, 'place'>,
  overrides: readonly Override[],
  document: Document,
): Problem => {
  const override = overrides.findLast(({ path }) => startsWith(problem.path, path))
  if (override !== undefined) return { ...problem, variable: override.variable }
  return { ...problem, place: document.placeOf(problem.path) }
}

/** Those of the file first, from its top down. */
const byPlace = ({ place: a }: Problem, { place: b }: Problem): number => {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return a.line - b.line || a.column - b.column
}

const startsWith = (path: Path, start: Path): boolean => start.every((part, n) => path[n] === part)
