import type { SecretInfo } from '@covent/core'
import * as z from 'zod'
import { isoTime, time } from './page.ts'

/** It stands in the audit, where what is no name could be a value. */
export const secretName = z
  .string()
  .regex(/^[a-z][\w.-]{0,63}$/i, 'letters, digits, _, - and ., at most 64, beginning with a letter')

export const newSecret = z.strictObject({
  name: secretName,
  value: z.string().min(1).max(65_536),
})

export const secretValue = newSecret.pick({ value: true })

export const secretSchema = z
  .object({
    name: z.string(),
    version: z.int(),
    keyId: z.string().optional(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Secret', description: 'What is told of a secret; never its value.' })
export type SecretView = z.output<typeof secretSchema>

export const secretView = ({ createdAt, updatedAt, ...info }: SecretInfo): SecretView => ({
  ...info,
  createdAt: isoTime(createdAt),
  updatedAt: isoTime(updatedAt),
})
