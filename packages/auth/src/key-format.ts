import { hash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const prefix = 'cvt_'
const secretLength = 43
const checksumLength = 7
const secretEnd = prefix.length + secretLength
const shape = new RegExp(`^${prefix}[\\w-]{${secretLength}}[0-9a-z]{${checksumLength}}$`)

const checksumOf = (text: string): string => crc32(text).toString(36).padStart(checksumLength, '0')

/** A new key: `cvt_`, 256 random bits in base64url, and a CRC-32 in base 36, by which scanners know it and typos show. */
export const newKeyText = (): string => {
  const text = prefix + randomBytes(32).toString('base64url')
  return text + checksumOf(text)
}

/** False for what `newKeyText` cannot have made; says nothing on whether the key is known. */
export const isKeyText = (text: string): boolean =>
  shape.test(text) && checksumOf(text.slice(0, secretEnd)) === text.slice(secretEnd)

/** SHA-256 in hex; enough for 256 random bits, which stand in no dictionary. */
export const hashKey = (text: string): string => hash('sha256', text, 'hex')
