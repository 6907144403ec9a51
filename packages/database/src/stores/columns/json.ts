import { ValidationError } from '@covent/core'

const notJson = (cause?: unknown): ValidationError =>
  new ValidationError(
    'validation.failed',
    'The value is not JSON; send objects, arrays, strings, numbers, …',
    {
      cause,
    },
  )

/** The value as JSON text. Throws `validation.failed` for what JSON cannot say: functions, cycles, endless depth. */
export const toJson = (value: unknown): string => {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw notJson(cause)
  }
  if (text === undefined) throw notJson()
  return text
}

/** As `toJson`, with `undefined` as SQL's null. */
export const toOptionalJson = (value: unknown): string | null => (value === undefined ? null : toJson(value))

export const fromJson = (text: string | null): unknown => (text === null ? undefined : JSON.parse(text))

const member = (object: Readonly<Record<string, unknown>>, key: string): string =>
  `${JSON.stringify(key)}:${sorted(object[key])}`

const sorted = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`
  const object = value as Readonly<Record<string, unknown>>
  return `{${Object.keys(object)
    .toSorted()
    .map((key) => member(object, key))
    .join(',')}}`
}

/** One text for all JSON texts that mean the same, whatever the order of their members. */
export const canonicalJson = (json: string): string => {
  try {
    return sorted(JSON.parse(json))
  } catch (cause) {
    throw notJson(cause)
  }
}
