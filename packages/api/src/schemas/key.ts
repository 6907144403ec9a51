import { isId, type KeyRecord, roles } from '@covent/core'
import * as z from 'zod'
import { isoTime, time } from './page.ts'

export const keyId = z.string().refine((value) => isId('key', value), 'is not a key id')
const scope = z.string().regex(/^[a-z]+:[a-z]+$/, 'is not a scope like chat:write')

export const newKey = z.strictObject({
  name: z.string().trim().min(1).max(100),
  role: z.enum(roles),
  scopes: z
    .array(scope)
    .min(1)
    .max(50)
    .optional()
    .meta({ description: 'All that the role allows, when absent.' }),
  expiresAt: time.optional(),
})
export type NewKeyBody = z.input<typeof newKey>

export const overlap = z.strictObject({
  overlapHours: z
    .number()
    .min(0)
    .max(8760)
    .default(24)
    .meta({ description: 'How long the old key still works.' }),
})

export const createdKey = z
  .object({ id: z.string(), key: z.string().meta({ description: 'Shown this once.' }) })
  .meta({ id: 'CreatedKey' })

export const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(roles),
    scopes: z.array(z.string()).optional(),
    principalId: z
      .string()
      .optional()
      .meta({ description: 'As whom it acts, where it replaces another key.' }),
    createdAt: time,
    expiresAt: time.optional(),
    lastUsedAt: time.optional(),
    revokedAt: time.optional(),
  })
  .meta({ id: 'Key' })
export type KeyView = z.output<typeof keySchema>

export const keyView = (key: Omit<KeyRecord, 'hash'>): KeyView => ({
  id: key.id,
  name: key.name,
  role: key.role,
  ...(key.scopes !== undefined && { scopes: [...key.scopes] }),
  ...(key.principalId !== undefined && { principalId: key.principalId }),
  createdAt: isoTime(key.createdAt),
  ...(key.expiresAt !== undefined && { expiresAt: isoTime(key.expiresAt) }),
  ...(key.lastUsedAt !== undefined && { lastUsedAt: isoTime(key.lastUsedAt) }),
  ...(key.revokedAt !== undefined && { revokedAt: isoTime(key.revokedAt) }),
})
