import type { AuditRecord } from '@covent/core'
import * as z from 'zod'
import { isoTime, pageQuery, time } from './page.ts'

const outcome = z.enum(['allowed', 'denied', 'failed'])

export const auditQuery = pageQuery.extend({
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional()
    .meta({ description: '`nextCursor` of the page before, or the `seq` of the last record seen.' }),
  from: z
    .enum(['start', 'end'])
    .default('start')
    .meta({ description: 'Without a cursor: the oldest records, or the newest ones.' }),
  actor: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .meta({ description: 'Only what it did: the id of a principal or a plugin.' }),
  outcome: outcome.optional(),
})

export const auditRecordSchema = z
  .object({
    seq: z.int(),
    at: time,
    actor: z.object({ kind: z.enum(['principal', 'plugin', 'system']), id: z.string() }),
    action: z.string().meta({ description: 'noun.verb, such as plugin.install.' }),
    target: z.string().optional(),
    outcome,
    code: z.string().optional().meta({ description: 'Of the error, where it was denied or failed.' }),
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .meta({ id: 'AuditRecord' })
export type AuditRecordView = z.output<typeof auditRecordSchema>

export const auditView = ({ at, ...record }: AuditRecord): AuditRecordView => ({ ...record, at: isoTime(at) })
