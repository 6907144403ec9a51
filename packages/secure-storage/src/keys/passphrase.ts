import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { SecretError } from '@covent/core'
import * as z from 'zod'

const cost = 131_072 // 2^17
const blockSize = 8
const bytesOf = z
  .string()
  .max(20_000)
  .transform((text) => Buffer.from(text, 'base64url'))

/** What the file says of how it was locked is an attacker's to write: a cost that would stop the machine is refused. */
const sealedSchema = z.strictObject({
  format: z.literal('covent-keys-scrypt-1'),
  n: z.union([z.literal(65_536), z.literal(131_072), z.literal(262_144)]),
  r: z.literal(8),
  p: z.literal(1),
  salt: bytesOf,
  iv: bytesOf,
  data: bytesOf,
})
export type Sealed = z.input<typeof sealedSchema>

/** Off the event loop: it takes about half a second, once. */
const keyFrom = (passphrase: string, salt: Uint8Array, n: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = { N: n, r: blockSize, p: 1, maxmem: 256 * n * blockSize }
    scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })

export const seal = async (text: string, passphrase: string): Promise<Sealed> => {
  const salt = randomBytes(16)
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', await keyFrom(passphrase, salt, cost), iv)
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  const written = {
    salt: salt.toString('base64url'),
    iv: iv.toString('base64url'),
    data: data.toString('base64url'),
  }
  return { format: 'covent-keys-scrypt-1', n: cost, r: blockSize, p: 1, ...written }
}

const parse = (text: string, file: string): z.output<typeof sealedSchema> => {
  try {
    return sealedSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new SecretError('secret.key-invalid', `${file} is no key file that this server can unlock`, {
      cause,
    })
  }
}

export const openSealed = async (text: string, passphrase: string, file: string): Promise<string> => {
  const { n, salt, iv, data } = parse(text, file)
  const key = await keyFrom(passphrase, salt, n)
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 })
    decipher.setAuthTag(data.subarray(-16))
    return Buffer.concat([decipher.update(data.subarray(0, -16)), decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new SecretError('secret.key-invalid', `the passphrase does not open ${file}`, { cause })
  }
}
