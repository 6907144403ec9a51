import { ClientError } from '@covent/core'

const deepest = 32
const mostValues = 50_000

const quote = 0x22
const backslash = 0x5c

/** Walks over a string literal; returns the place of its closing quote. */
const afterString = (bytes: Uint8Array, start: number): number => {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
  return at
}

/**
 * Refuses what would be costly to build, before it is built: half a megabyte of `[` takes JSON.parse 90 ms, and a list
 * of zeros that long takes a schema more.
 */
const checkShape = (bytes: Uint8Array): void => {
  let depth = 0
  let values = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === quote) at = afterString(bytes, at)
    else if (byte === 0x5b || byte === 0x7b) depth++
    else if (byte === 0x5d || byte === 0x7d) depth--
    else if (byte === 0x2c) values++
    if (depth > deepest)
      throw new ClientError('request.body-invalid', `The body is nested deeper than ${deepest} levels.`)
    if (values > mostValues)
      throw new ClientError('request.body-invalid', `The body holds more than ${mostValues} values.`)
  }
}

const hasPrototypeKey = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(hasPrototypeKey)
  return Object.keys(value).some(
    (key) => key === '__proto__' || hasPrototypeKey((value as Record<string, unknown>)[key]),
  )
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ClientError('request.body-invalid', 'The body is not JSON.', { cause })
  }
}

/** The one way in for JSON of strangers: UTF-8 only, of bounded depth and count, without `__proto__` keys. */
export const parseJson = (bytes: Buffer, text: string): unknown => {
  checkShape(bytes)
  const value = parse(text)
  const suspect = text.includes('__proto__') || text.includes(String.raw`\u`)
  if (suspect && hasPrototypeKey(value))
    throw new ClientError('request.body-invalid', 'A key of the body is __proto__.')
  return value
}
