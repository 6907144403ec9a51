import type * as z from 'zod'
import { nearestName } from '../check/nearest-name.ts'
import type { Path, Problem } from '../check/problem.ts'
import { isOpen, type Kind, kindsOf, namesIn, type Shape, shapeAt, shapeOf } from '../check/shape.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Override {
  readonly variable: string
  readonly path: Path
  readonly value: unknown
}

export interface Overrides {
  readonly overrides: readonly Override[]
  readonly problems: readonly Problem[]
}

const prefix = 'COVENT_'
/** Variables of that prefix which are no settings. */
const reserved = /^COVENT_(?:HOME$|MASTER_KEY$|SECRET_|TEST_|LAUNCH_)/
const refusedNames = new Set(['__proto__', 'constructor', 'prototype'])

/** The settings that variables give, by what the schema expects. An empty variable is as one that is not set. */
export const environmentOverrides = async (
  schema: z.core.$ZodType,
  base: unknown,
  env: Environment,
): Promise<Overrides> => {
  const overrides: Override[] = []
  const problems: Problem[] = []
  const root = shapeOf(schema)
  for (const variable of Object.keys(env).toSorted()) {
    const text = env[variable] ?? ''
    if (!variable.startsWith(prefix) || reserved.test(variable) || text === '') continue
    const target = resolve(root, base, variable.slice(prefix.length).split('__'))
    if (target === undefined) problems.push(await unknownVariable(variable, root))
    else addOverride({ variable, text, ...target }, { overrides, problems })
  }
  return { overrides, problems }
}

interface Target {
  readonly path: Path
  readonly shape: Shape
}

const addOverride = (
  { variable, text, path, shape }: Target & { readonly variable: string; readonly text: string },
  to: { readonly overrides: Override[]; readonly problems: Problem[] },
): void => {
  const coerced = coerce(text, kindsOf(shape))
  if ('message' in coerced)
    to.problems.push({ code: 'config.invalid-value', path, variable, message: coerced.message })
  else to.overrides.push({ variable, path, value: coerced.value })
}

/** Finds the place that the parts of a variable's name mean. */
const resolve = (root: Shape, base: unknown, parts: readonly string[]): Target | undefined => {
  const path: string[] = []
  let shape = root
  let here = base
  for (const part of parts) {
    const name = nameFor(part, shape, here)
    if (name === undefined || refusedNames.has(name)) return undefined
    path.push(name)
    shape = shapeAt(shape, name)
    here = isRecord(here) && Object.hasOwn(here, name) ? here[name] : undefined
    if (shape.length === 0) return undefined
  }
  return { path, shape }
}

/** A setting of that name, an entry that the file has under it, or else a new entry in lower camel case. */
const nameFor = (part: string, shape: Shape, here: unknown): string | undefined => {
  const fits = (name: string): boolean => screamingCase(name) === part
  const known = namesIn(shape).find(fits)
  if (known !== undefined || !isOpen(shape) || !/^[A-Z0-9_]+$/.test(part)) return known
  return (isRecord(here) ? Object.keys(here).find(fits) : undefined) ?? camelCase(part)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const screamingCase = (name: string): string =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z\d]+/g, '_')
    .toUpperCase()

const camelCase = (part: string): string =>
  part.toLowerCase().replaceAll(/_+([a-z\d])/g, (_, letter: string) => letter.toUpperCase())

type Coerced = { readonly value: unknown } | { readonly message: string }

const coerce = (text: string, kinds: ReadonlySet<Kind>): Coerced => {
  const trimmed = text.trim()
  if (kinds.has('number') && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(trimmed))
    return { value: Number(trimmed) }
  if (kinds.has('boolean') && /^(?:true|false|1|0)$/.test(trimmed))
    return { value: trimmed === 'true' || trimmed === '1' }
  const takesJson = kinds.has('array') || kinds.has('object') || kinds.has('any')
  if (!takesJson || (kinds.has('string') && !/^[[{]/.test(trimmed))) return { value: text }
  return parseJson(trimmed, kinds)
}

const parseJson = (text: string, kinds: ReadonlySet<Kind>): Coerced => {
  try {
    let isRefused = false
    const value: unknown = JSON.parse(text, (name, part: unknown) => {
      isRefused ||= refusedNames.has(name)
      return part
    })
    return isRefused ? { message: 'the JSON has a name that is not allowed' } : { value }
  } catch {
    // The parser's message quotes the text, which may be a secret.
    if (kinds.has('any') || kinds.has('string')) return { value: text }
    const wanted = kinds.has('array') ? 'an array' : 'an object'
    return { message: `expected ${wanted} as JSON, found text that is no JSON` }
  }
}

const mostVariables = 2000

const unknownVariable = async (variable: string, root: Shape): Promise<Problem> => {
  const nearest = await nearestName(variable, variablesOf(root, prefix, []))
  const message =
    nearest === undefined ? 'unknown setting; unset it' : `unknown setting; did you mean ${nearest}?`
  return { code: 'config.unknown-key', path: [], variable, message }
}

/** The names of all variables that the schema knows, where no record stands between. */
const variablesOf = (shape: Shape, start: string, found: string[]): string[] => {
  for (const name of new Set(namesIn(shape))) {
    if (found.length >= mostVariables || start.length > 256) break
    const variable = `${start}${screamingCase(name)}`
    found.push(variable)
    variablesOf(shapeAt(shape, name), `${variable}__`, found)
  }
  return found
}
