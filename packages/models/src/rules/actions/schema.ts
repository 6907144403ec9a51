import type { ModelTool } from '@covent/core'

export type Input = Readonly<Record<string, unknown>>

/** An input that can be read from a sentence. */
export interface Property {
  readonly name: string
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'other'
  readonly isRequired: boolean
  readonly description: string
  readonly choices: readonly string[]
  readonly maxLength: number
  /** Whether it says that it takes a text of some length, as a note's is: a piece of a sentence is none. */
  readonly isLongText: boolean
  readonly minimum: number
  readonly maximum: number
}

const isFields = (value: unknown): value is Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise

const types = new Set(['string', 'number', 'integer', 'boolean'])

const freeTextLength = 500

const property = (name: string, schema: Input, isRequired: boolean): Property => {
  const choices = Array.isArray(schema['enum']) ? schema['enum'].filter((one) => typeof one === 'string') : []
  const type = choices.length > 0 ? 'string' : schema['type']
  return {
    name,
    type: typeof type === 'string' && types.has(type) ? (type as Property['type']) : 'other',
    // What has a default need not be asked for, though zod lists it as required of the parsed value.
    isRequired: isRequired && schema['default'] === undefined,
    description: typeof schema['description'] === 'string' ? schema['description'] : '',
    choices,
    maxLength: numberOr(schema['maxLength'], 4000),
    isLongText: choices.length === 0 && numberOr(schema['maxLength'], 0) >= freeTextLength,
    minimum: numberOr(schema['minimum'], Number.NEGATIVE_INFINITY),
    maximum: numberOr(schema['maximum'], Number.POSITIVE_INFINITY),
  }
}

const maxProperties = 30

/** The inputs of a tool, required ones first. */
export const propertiesOf = ({ input }: ModelTool): readonly Property[] => {
  const fields = isFields(input['properties'])
    ? Object.entries(input['properties']).slice(0, maxProperties)
    : []
  const required: readonly unknown[] = Array.isArray(input['required']) ? input['required'] : []
  return fields
    .map(([name, schema]) => property(name, isFields(schema) ? schema : {}, required.includes(name)))
    .toSorted((a, b) => Number(b.isRequired) - Number(a.isRequired))
}

const asNumber = (text: string, { type, minimum, maximum }: Property): number | undefined => {
  const value = text.trim() === '' ? Number.NaN : Number(text.replace(',', '.'))
  if (!Number.isFinite(value) || value < minimum || value > maximum) return undefined
  return type === 'integer' && !Number.isInteger(value) ? undefined : value
}

const asText = (text: string, { choices, maxLength }: Property): string | undefined => {
  if (choices.length > 0) return choices.find((choice) => choice.toLowerCase() === text.toLowerCase())
  return text === '' || text.length > maxLength ? undefined : text
}

/** Reads a piece of text as a value that the property takes; undefined where it takes none such. */
export const valueFor = (property: Property, text: string): string | number | boolean | undefined => {
  if (property.type === 'string') return asText(text, property)
  if (property.type === 'number' || property.type === 'integer') return asNumber(text, property)
  if (property.type === 'boolean' && /^(?:true|yes|on|false|no|off)$/i.test(text))
    return /^(?:true|yes|on)$/i.test(text)
  return undefined
}

/** Whether it is for words of any kind and number, as a note's text is. */
export const takesAnything = (property: Property | undefined): boolean =>
  property?.type === 'string' && property.choices.length === 0 && property.maxLength >= freeTextLength
