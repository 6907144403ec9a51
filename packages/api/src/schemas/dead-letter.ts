import type { DeadLetter } from '@covent/core'
import * as z from 'zod'
import { isoTime, pageQuery, time } from './page.ts'

const name = z.string().min(1).max(128)

export const deadLetterQuery = pageQuery.extend({
  consumer: name.optional().meta({ description: 'Only those of this consumer.' }),
})

export const deadLetterSchema = z
  .object({
    id: z.string(),
    consumer: z.string(),
    type: z.string(),
    key: z.string().meta({ description: 'Events of one key are dealt with in their order.' }),
    attempts: z.int(),
    error: z.string().meta({ description: 'Of the last attempt.' }),
    createdAt: time,
    diedAt: time,
  })
  .meta({ id: 'DeadLetter' })
export type DeadLetterView = z.output<typeof deadLetterSchema>

export const deadLetterView = (letter: DeadLetter): DeadLetterView => ({
  id: letter.id,
  consumer: letter.consumer,
  type: letter.type,
  key: letter.key,
  attempts: letter.attempts,
  error: letter.error,
  createdAt: isoTime(letter.createdAt),
  diedAt: isoTime(letter.diedAt),
})

export const redriveBody = z
  .strictObject({
    consumer: name,
    id: name.optional().meta({ description: 'All of the consumer, when absent.' }),
  })
  .meta({ id: 'Redrive' })

export const redrivenSchema = z.object({
  count: z.int().meta({ description: 'Dead letters that are open again.' }),
})
