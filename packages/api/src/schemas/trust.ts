import type { TrustedKey } from '@covent/core'
import * as z from 'zod'
import { time } from './page.ts'

const fields = {
  publicKey: z
    .base64()
    .max(200)
    .meta({ description: 'Ed25519, SPKI in DER, base64: a .pub file without its first and last line.' }),
  owner: z.string().trim().min(1).max(100),
  namespaces: z
    .array(
      z
        .string()
        .max(64)
        .regex(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9-]*)*\.\*$/, 'is not a namespace like acme.*'),
    )
    .min(1)
    .max(50)
    .meta({ description: 'The ids that it may sign: acme.* covers acme.clock.' }),
}

export const trustedKeyId = z.string().regex(/^ed25519:SHA256:[\w-]{43}$/, 'is not the id of a signing key')

export const newTrust = z.strictObject({
  ...fields,
  expires: time.optional().meta({ description: 'From then on it lets in nothing new.' }),
})
export type NewTrustBody = z.input<typeof newTrust>

export const trustedKeySchema = z
  .object({
    keyId: z.string(),
    ...fields,
    addedAt: time,
    expires: time.optional(),
    revoked: time.optional(),
  })
  .meta({ id: 'TrustedKey', description: 'A key whose signatures on plugins count.' })
export type TrustedKeyView = z.output<typeof trustedKeySchema>

export const trustedKeyView = ({ namespaces, expires, revoked, ...key }: TrustedKey): TrustedKeyView => ({
  ...key,
  namespaces: [...namespaces],
  ...(expires !== undefined && { expires }),
  ...(revoked !== undefined && { revoked }),
})
