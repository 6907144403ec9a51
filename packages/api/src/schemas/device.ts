import { type DeviceRecord, isId, roles, type SessionRecord } from '@covent/core'
import * as z from 'zod'
import { isoTime, time } from './page.ts'

export const deviceId = z.string().refine((value) => isId('dev', value), 'is not a device id')
export const sessionId = z.string().refine((value) => isId('ses', value), 'is not a session id')

export const pairingWish = z.strictObject({ role: z.enum(roles) })
export const pairingOffer = z
  .object({ code: z.string().meta({ description: 'Shown this once.' }), expiresAt: time })
  .meta({ id: 'PairingCode' })

export const challengeSchema = z.object({ challenge: z.string(), expiresAt: time }).meta({ id: 'Challenge' })

const proof = {
  challenge: z.string().max(200),
  signature: z
    .string()
    .max(200)
    .regex(/^[\w-]+$/, 'is not base64url')
    .meta({ description: 'Of `covent/pair` or `covent/session`, the origin and the challenge, in lines.' }),
}

export const newDevice = z.strictObject({
  code: z.string().min(8).max(20),
  name: z.string().trim().min(1).max(100),
  publicKey: z.base64().max(300).meta({ description: 'Ed25519 or P-256, as SPKI in DER.' }),
  ...proof,
})

export const secondFactorSchema = z
  .object({
    secret: z.string().meta({ description: 'For the authenticator, in base32; shown this once.' }),
    uri: z.string().meta({ description: 'The same as an address, for a QR code.' }),
  })
  .meta({ id: 'SecondFactor' })
export const codeSchema = z.strictObject({ code: z.string().regex(/^\d{6}$/, 'is not six digits') })
export const provenSchema = z.object({ provenUntil: time }).meta({ id: 'ProvenSession' })

export const newSession = z.strictObject({ device: deviceId, ...proof })

export const deviceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(roles),
    createdAt: time,
    lastSignInAt: time,
    revokedAt: time.optional(),
  })
  .meta({ id: 'Device' })
export type DeviceView = z.output<typeof deviceSchema>

export const deviceView = (device: DeviceRecord): DeviceView => ({
  id: device.id,
  name: device.name,
  role: device.role,
  createdAt: isoTime(device.createdAt),
  lastSignInAt: isoTime(device.answeredAt),
  ...(device.revokedAt !== undefined && { revokedAt: isoTime(device.revokedAt) }),
})

export const sessionSchema = z
  .object({
    id: z.string(),
    createdAt: time,
    lastUsedAt: time,
    endsAt: time.meta({ description: 'At the latest.' }),
    current: z.boolean().meta({ description: 'Whether it is the one that asks.' }),
  })
  .meta({ id: 'Session' })

export const sessionView = (session: SessionRecord, current?: string): z.output<typeof sessionSchema> => ({
  id: session.id,
  createdAt: isoTime(session.createdAt),
  lastUsedAt: isoTime(session.lastUsedAt),
  endsAt: isoTime(session.endsAt),
  current: session.id === current,
})
