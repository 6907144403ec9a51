import * as z from 'zod'

const sequence = z.int().nonnegative()
const text = z.string().max(16_384)
/** `plugin` and `metric` are the host's labels. */
const metricLabel = z.string().regex(/^(?!plugin$|metric$)[a-z][a-z0-9_]{0,31}$/)
const fault = z.strictObject({
  code: z.enum([
    'plugin.action-failed',
    'plugin.input-invalid',
    'plugin.output-invalid',
    'plugin.permission-denied',
    'plugin.quota-exceeded',
    'limit.budget-exceeded',
  ]),
  message: text,
})

/** What the sandbox says to the host, which parses every message by this. */
export const guestMessageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hello'), protocol: z.literal(1) }),
  z.strictObject({ kind: z.literal('described'), manifest: z.unknown() }),
  z.strictObject({ kind: z.literal('broken'), message: text }),
  z.strictObject({ kind: z.literal('result'), id: sequence, output: z.unknown().optional() }),
  z.strictObject({ kind: z.literal('failure'), id: sequence, error: fault }),
  z.strictObject({ kind: z.literal('progress'), id: sequence, text }),
  z.strictObject({
    kind: z.literal('log'),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: text,
    fields: z.record(z.string(), z.unknown()).optional(),
  }),
  z.strictObject({
    kind: z.literal('metric'),
    how: z.enum(['count', 'observe']),
    name: z.string().regex(/^[a-z][a-z0-9_]{0,47}$/),
    value: z.number().min(0).max(1e15),
    labels: z
      .record(metricLabel, z.string().max(60))
      .refine((labels) => Object.keys(labels).length <= 4)
      .optional(),
  }),
  z.strictObject({
    kind: z.literal('request'),
    call: sequence,
    n: sequence,
    method: z.string().max(64),
    params: z.unknown(),
  }),
  z.strictObject({ kind: z.literal('pong'), n: sequence }),
])
export type GuestMessage = z.output<typeof guestMessageSchema>
