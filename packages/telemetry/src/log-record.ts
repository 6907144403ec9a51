import { isNativeError } from 'node:util/types'
import { isSecret, type LogFields, secretPlaceholder } from '@covent/core'

const longestText = 16 * 1024
/** Longer than any secret behind what is kept of a text. */
const longestScrub = 20 * longestText
const deepest = 5
const mostItems = 100
const mostErrors = 8

/** Names that the logger itself writes; a field of such a name gets a `_` behind it, so that no line has two of one. */
const ownNames = new Set(['level', 'time', 'msg', 'version'])

type Scrub = (text: string) => string
/** Adds fields to a record. */
export type AddFields = (record: Record<string, unknown>, fields: LogFields) => void

/**
 * Adds fields as they may stand in a log, by an allow list: plain data of bounded length and depth, and of errors only their
 * named parts. Of anything else (a request, a socket, a Map) stands only what it is. Texts are scrubbed before they are cut:
 * what is left of a secret would not be known any more.
 */
export const fieldsAdder = (scrub: Scrub): AddFields => {
  const loggable = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return shortened(value, scrub)
    if (typeof value === 'object' && value !== null) return loggableObject(value, depth)
    if (typeof value === 'bigint') return String(value)
    return typeof value === 'function' || typeof value === 'symbol' ? `[${typeof value}]` : value
  }
  const loggableObject = (value: object, depth: number): unknown => {
    if (isSecret(value)) return secretPlaceholder
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[Date]' : value.toISOString()
    const isAnError = value instanceof Error || isNativeError(value)
    if (depth === 0) return isAnError ? value.name : '[deeper]'
    if (isAnError) return errorRecord(value, (part) => loggable(part, depth - 1))
    if (Array.isArray(value)) return value.slice(0, mostItems).map((item) => loggable(item, depth - 1))
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== null && prototype !== Object.prototype) return `[${kindOf(value)}]`
    const entries = Object.entries(value).slice(0, mostItems)
    return Object.fromEntries(entries.map(([name, item]) => [name, loggable(item, depth - 1)]))
  }
  return (record, fields) => {
    for (const name of Object.keys(fields)) {
      const value = fields[name]
      if (value !== undefined) record[ownNames.has(name) ? `${name}_` : name] = loggable(value, deepest)
    }
  }
}

const kindOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1)

const shortened = (text: string, scrub: Scrub): string =>
  text.length <= longestText
    ? text
    : `${scrub(text.slice(0, longestScrub)).slice(0, longestText)}… (${text.length - longestText} characters more)`

/** Other properties of an error may hold a request or a secret. */
const errorRecord = (error: Error, loggable: (part: unknown) => unknown): Record<string, unknown> => {
  const { name, message, stack, cause } = error
  const { code, errors } = error as { code?: unknown; errors?: unknown }
  const parts: Record<string, unknown> = { name }
  if (typeof code === 'string' || typeof code === 'number') parts['code'] = code
  parts['message'] = loggable(message)
  if (stack !== undefined) parts['stack'] = loggable(stack)
  if (cause !== undefined) parts['cause'] = loggable(cause)
  if (Array.isArray(errors)) parts['errors'] = loggable(errors.slice(0, mostErrors))
  return parts
}
