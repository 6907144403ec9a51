import { type Token, token } from '../../token.ts'

/** Hides secret values in what the server writes. */
export interface SecretMask {
  /** From now on it stands in no log line. One of fewer than six characters is not hidden: it stands in too much that is no secret. */
  hide(value: string): void
  /** The text without them. */
  text(line: string): string
}
export const SecretMask: Token<SecretMask> = token('SecretMask')

/** What stands where a secret stood. */
export const secretPlaceholder = '[secret]'

/** Shorter pieces stand in too much that is no secret. */
export const leastSecretLength = 6

const base64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))

/** What base64 makes of `bytes` wherever they stand in a longer text: three alignments, without the shared ends. */
const base64Pieces = (bytes: Uint8Array): readonly string[] =>
  [0, 1, 2].map((offset) => {
    const whole = base64(Uint8Array.from([...new Uint8Array(offset), ...bytes])).replace(/=+$/, '')
    const last = (offset + bytes.length) % 3 === 0 ? whole.length : whole.length - 1
    return whole.slice(Math.ceil((offset * 8) / 6), last)
  })

const urlSafe = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_')
const byteByByte = (bytes: Uint8Array, before: string): string =>
  Array.from(bytes, (byte) => `${before}${byte.toString(16).padStart(2, '0')}`).join('')

/** As it stands in JSON, in JSON within JSON, and once deeper: an answer's body that a message quotes in a log line. */
const jsonForms = (value: string): readonly string[] => {
  const escaped = (text: string): string => JSON.stringify(text).slice(1, -1)
  const once = escaped(value)
  const twice = escaped(once)
  return [once, twice, escaped(twice)]
}

/** The forms in which a value comes back from a server or stands in a log: plain, base64, URL-encoded, hex, in JSON. */
export const secretForms = (value: string): readonly string[] => {
  // A lone surrogate has no encoding; what is sent or written of it is U+FFFD.
  const bytes = new TextEncoder().encode(value)
  const pieces = base64Pieces(bytes)
  const encoded = encodeURIComponent(value.toWellFormed())
  const derived = [
    ...pieces,
    ...pieces.map(urlSafe),
    ...pieces.map(encodeURIComponent),
    encoded,
    encoded.replaceAll('%20', '+'),
    byteByByte(bytes, '%'),
    byteByByte(bytes, ''),
    encodeURI(value.toWellFormed()),
    ...jsonForms(value),
  ].filter((form) => form.length >= leastSecretLength)
  return [...new Set([value, ...derived])]
}
