import { SecretError } from '@covent/core'

const keyBytes = 32
const shapes: readonly (readonly [RegExp, 'hex' | 'base64url'])[] = [
  [/^[\da-f]{64}$/i, 'hex'],
  [/^[\w+/-]{43}=?$/, 'base64url'],
]

const keyOf = (word: string, from: string): Uint8Array => {
  const encoding = shapes.find(([shape]) => shape.test(word))?.[1]
  const key = encoding === undefined ? undefined : new Uint8Array(Buffer.from(word, encoding))
  if (key?.length === keyBytes) return key
  throw new SecretError(
    'secret.key-invalid',
    `${from} holds something that is no key: 32 bytes in base64 or hex, one key a line`,
  )
}

/** Keys as files and variables write them: one a line, the current one first; what follows `#` is a remark. */
export const parseKeys = (text: string, from: string): readonly Uint8Array[] => {
  const words = text
    .replaceAll(/#.*$/gm, '')
    .split(/[\s,]+/)
    .filter((line) => line !== '')
  if (words.length === 0) throw new SecretError('secret.key-invalid', `${from} holds no key`)
  return words.map((word) => keyOf(word, from))
}

/** As few characters as `parseKeys` reads. */
export const keyWords = (keys: readonly Uint8Array[]): string =>
  keys.map((key) => Buffer.from(key).toString('base64url')).join(' ')

export const formatKeys = (keys: readonly Uint8Array[]): string =>
  ['# Master keys of this home, the current one first. Back this file up, apart from data/.', '']
    .join('\n')
    .concat(keys.map((key) => `${Buffer.from(key).toString('base64url')}\n`).join(''))
