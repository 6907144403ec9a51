import { type ActionSpec, type JsonSchema, PluginError } from '@covent/core'
import type { Manifest, ManifestAction } from '@covent/plugin-sdk/manifest'
import * as z from 'zod'

export interface LoadedAction {
  readonly spec: ActionSpec
  /** What its manifest asks for, if anything. */
  readonly timeoutMs: number | undefined
  /** Whether it is to be asked if it applies. */
  readonly isConditional: boolean
  /** Throws `plugin.input-invalid`. */
  checkInput(input: unknown): void
  /** The output as its schema reads it. Throws `plugin.output-invalid`. */
  parseOutput(output: unknown): unknown
}

/**
 * Keywords that are safe to check on the host. `pattern` and `format` of a hostile manifest are regular expressions
 * without a bound on their time, and `$ref` multiplies work: those are left to zod in the sandbox.
 */
const kept = new Set(
  [
    'type properties required additionalProperties items prefixItems anyOf allOf enum const default',
    'minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems',
  ].flatMap((line) => line.split(' ')),
)
const nodeCap = 2_000
/** Values × alternatives that one check may cost. */
const workCap = 500_000

interface Tally {
  nodes: number
  alternatives: number
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const safeList = (schemas: unknown, tally: Tally): unknown[] =>
  (Array.isArray(schemas) ? schemas : []).map((schema) => safeSchema(schema, tally))

const safeMember = (key: string, value: unknown, tally: Tally): unknown => {
  switch (key) {
    case 'properties':
      return Object.fromEntries(
        Object.entries(isObject(value) ? value : {}).map(([name, schema]) => [
          name,
          safeSchema(schema, tally),
        ]),
      )
    case 'items':
    case 'additionalProperties':
      return safeSchema(value, tally)
    case 'anyOf':
    case 'allOf':
      tally.alternatives += Array.isArray(value) ? value.length : 0
      return safeList(value, tally)
    case 'prefixItems':
      return safeList(value, tally)
    case 'enum':
      tally.alternatives += Array.isArray(value) ? value.length / 100 : 0
      return value
    default:
      return value
  }
}

const safeSchema = (schema: unknown, tally: Tally): unknown => {
  if (++tally.nodes > nodeCap) throw new Error(`a schema has more than ${nodeCap} parts`)
  if (!isObject(schema)) return schema
  const { oneOf, ...rest } = schema
  const members = Object.entries(oneOf === undefined ? rest : { ...rest, anyOf: oneOf })
  return Object.fromEntries(
    members.filter(([key]) => kept.has(key)).map(([key, value]) => [key, safeMember(key, value, tally)]),
  )
}

const countValues = (value: unknown): number => {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 1
  let count = 1
  for (const member of Object.values(value)) count += countValues(member)
  return count
}

/** A schema of a manifest, ready to be held against values. */
export interface Check {
  parse(value: unknown): { readonly value: unknown } | { readonly issue: string }
}

/** A check of a manifest's schema. Throws where the schema is none or is too large. */
export const schemaCheck = (schema: JsonSchema): Check => {
  const tally: Tally = { nodes: 0, alternatives: 0 }
  const parser = z.fromJSONSchema(safeSchema(schema, tally) as never)
  return {
    parse(value) {
      if (tally.alternatives > 0 && countValues(value) * (1 + tally.alternatives) > workCap)
        return { issue: 'it is too large for the alternatives in its schema' }
      const result = parser.safeParse(value)
      return result.success ? { value: result.data } : { issue: issueOf(result.error) }
    },
  }
}

const issueOf = ({ issues }: z.core.$ZodError): string => {
  const [first] = issues
  const path = first?.path.map(String).join('.') ?? ''
  return `${path === '' ? '' : `${path}: `}${first?.message ?? 'invalid'}`.slice(0, 500)
}

const loadAction = (plugin: string, action: ManifestAction): LoadedAction => {
  const input = schemaCheck(action.input)
  const output = schemaCheck(action.output)
  const name = `${plugin} ${action.name}`
  const { title, timeoutMs, isConditional, ...rest } = action
  return {
    timeoutMs,
    isConditional,
    spec: {
      ...rest,
      plugin,
      ...(title !== undefined && { title }),
      examples: action.examples.map(({ user, input }) => ({ user, ...(input !== undefined && { input }) })),
    },
    checkInput(value) {
      const result = input.parse(value)
      if ('issue' in result) throw new PluginError('plugin.input-invalid', `${name}: ${result.issue}`)
    },
    parseOutput(value) {
      const result = output.parse(value)
      if ('issue' in result) throw new PluginError('plugin.output-invalid', `${name}: ${result.issue}`)
      return result.value
    },
  }
}

/** A manifest's actions with their checks. Throws where a schema is none or is too large. */
export const loadActions = ({ id, contributes }: Manifest): ReadonlyMap<string, LoadedAction> =>
  new Map(contributes.actions.map((action) => [action.name, loadAction(id, action)]))
