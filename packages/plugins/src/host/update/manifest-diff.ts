import { isDeepStrictEqual } from 'node:util'
import type { UpdateFinding } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import { isNew, type Rule, rules } from './diff-rules.ts'

/** What an operator consented to: a manifest, and who signed it. */
export interface Consented {
  readonly manifest: Manifest
  readonly keyId: string | undefined
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const field = (value: Fields, name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined)

/** What a component is known by: the service that it stands for, its name, or what a route answers. */
const nameOf = (one: unknown): string | undefined => {
  if (!isFields(one)) return undefined
  const { service, name, method, path } = one
  const known = service ?? name
  if (typeof known === 'string') return known
  return typeof method === 'string' && typeof path === 'string' ? `${method} ${path}` : undefined
}

/** Lists of components as they are compared: by what each is known by, where that is of one alone. */
const keyed = (value: unknown): unknown => {
  if (!Array.isArray(value) || value.length === 0) return value
  const named = value.map((one: unknown) => [nameOf(one), one] as const)
  const names = new Set(named.map(([name]) => name))
  return names.has(undefined) || names.size < named.length ? value : Object.fromEntries(named)
}

/** What it asks for is one set here: whether it is required or optional gives it nothing. */
const comparable = ({ permissions, ...manifest }: Manifest): Fields => ({
  ...manifest,
  permissions: { ...permissions.optional, ...permissions.required },
})

const ruleAt = (place: readonly string[]): Rule | undefined =>
  rules.find(
    ([pattern]) =>
      pattern.length === place.length && pattern.every((part, n) => part === '*' || part === place[n]),
  )?.[1]

const compare = (place: readonly string[], one: unknown, other: unknown): readonly UpdateFinding[] => {
  if (isDeepStrictEqual(one, other)) return []
  const rule = ruleAt(place)
  const [before, after] = [keyed(one), keyed(other)]
  const bothFields = (isFields(before) || isEmptyList(before)) && (isFields(after) || isEmptyList(after))
  if (rule === undefined && bothFields) {
    const [known, wanted] = [asFields(before), asFields(after)]
    const names = [...new Set([...Object.keys(known), ...Object.keys(wanted)])].toSorted()
    return names.flatMap((name) => compare([...place, name], field(known, name), field(wanted, name)))
  }
  const widens = (rule ?? isNew)(one, other)
  return [
    {
      what: place.join('.'),
      widens,
      ...(one !== undefined && { before: one }),
      ...(other !== undefined && { after: other }),
    },
  ]
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0
const asFields = (value: unknown): Fields => (isFields(value) ? value : {})

const signerFinding = (before: Consented, after: Consented): readonly UpdateFinding[] =>
  before.keyId === after.keyId
    ? []
    : [{ what: 'signature', before: before.keyId ?? 'nobody', after: after.keyId ?? 'nobody', widens: true }]

/** Everything in which a new version differs from the one in force; what widens waits for consent. */
export const manifestDiff = (before: Consented, after: Consented): readonly UpdateFinding[] => [
  ...signerFinding(before, after),
  ...compare([], comparable(before.manifest), comparable(after.manifest)).filter(
    ({ what }) => what !== 'version',
  ),
]
