const placeholder = '[secret]'
/** Shorter pieces stand in too much that is no secret. */
const leastPiece = 6

/** What base64 makes of `bytes` wherever they stand in a longer text: three alignments, without the shared ends. */
const base64Pieces = (bytes: Buffer): readonly string[] =>
  [0, 1, 2].map((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const last = (offset + bytes.length) % 3 === 0 ? whole.length : whole.length - 1
    return whole.slice(Math.ceil((offset * 8) / 6), last)
  })

const urlSafe = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_')
const everyByteEscaped = (bytes: Buffer): string =>
  [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

const formsOf = (value: string): readonly string[] => {
  const bytes = Buffer.from(value)
  const pieces = base64Pieces(bytes)
  const encoded = encodeURIComponent(value)
  const derived = [
    ...pieces,
    ...pieces.map(urlSafe),
    ...pieces.map(encodeURIComponent),
    encoded,
    encoded.replaceAll('%20', '+'),
    everyByteEscaped(bytes),
    bytes.toString('hex'),
    JSON.stringify(value).slice(1, -1),
  ].filter((form) => form.length >= leastPiece)
  return [value, ...derived]
}

const latin1 = (text: string): string => Buffer.from(text).toString('latin1')
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

export interface Mask {
  text(value: string): string
  bytes(value: Buffer): Buffer
}

const nothing: Mask = { text: (value) => value, bytes: (value) => value }

/** Hides values, in the forms in which a server would send them back: plain, base64, URL-encoded, hex, in JSON; in any case. */
export const maskOf = (values: readonly string[]): Mask => {
  const forms = [...new Set(values.filter((value) => value !== '').flatMap(formsOf))]
  if (forms.length === 0) return nothing
  const longestFirst = forms.map(latin1).toSorted((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map(escaped).join('|'), 'gi')
  const text = (value: string): string => value.replaceAll(pattern, placeholder)
  return { text, bytes: (value) => Buffer.from(text(value.toString('latin1')), 'latin1') }
}
