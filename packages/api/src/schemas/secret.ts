import type { SecretInfo } from '@covent/core'
import * as z from 'zod'
import { isoTime, time } from './page.ts'

export const newSecret = z.strictObject({
  name: z.string().min(1).max(100),
  value: z.string().min(1).max(65_536),
})

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
