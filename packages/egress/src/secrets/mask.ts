import { secretForms, secretPlaceholder } from '@covent/core'

const latin1 = (text: string): string => Buffer.from(text).toString('latin1')
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

export interface Mask {
  text(value: string): string
  bytes(value: Buffer): Buffer
}

const nothing: Mask = { text: (value) => value, bytes: (value) => value }

/** Hides values, in the forms in which a server would send them back: plain, base64, URL-encoded, hex, in JSON; in any case. */
export const maskOf = (values: readonly string[]): Mask => {
  const forms = [...new Set(values.filter((value) => value !== '').flatMap(secretForms))]
  if (forms.length === 0) return nothing
  const longestFirst = forms.map(latin1).toSorted((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map(escaped).join('|'), 'gi')
  const text = (value: string): string => value.replaceAll(pattern, secretPlaceholder)
  return { text, bytes: (value) => Buffer.from(text(value.toString('latin1')), 'latin1') }
}
