import * as z from 'zod'

const sequence = z.int().nonnegative()
const fault = z.strictObject({ code: z.string(), message: z.string() })

/** What the host says to the sandbox. */
export const hostMessageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('source'), chunk: z.instanceof(Uint8Array), last: z.boolean() }),
  z.strictObject({ kind: z.literal('start'), grants: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('grants'), grants: z.array(z.string()) }),
  z.strictObject({
    kind: z.literal('call'),
    id: sequence,
    /** Which component of the plugin; `action` when absent. */
    part: z
      .enum(['action', 'hook', 'provider', 'evaluator', 'event', 'service', 'channel', 'route', 'available'])
      .optional(),
    action: z.string(),
    input: z.unknown(),
    call: z.strictObject({
      conversationId: z.string().optional(),
      turnId: z.string(),
      principalId: z.string(),
      character: z.string(),
    }),
  }),
  z.strictObject({ kind: z.literal('cancel'), id: sequence, reason: z.string() }),
  z.strictObject({ kind: z.literal('reply'), call: sequence, n: sequence, value: z.unknown().optional() }),
  z.strictObject({ kind: z.literal('refusal'), call: sequence, n: sequence, error: fault }),
  z.strictObject({ kind: z.literal('ping'), n: sequence }),
  z.strictObject({ kind: z.literal('stop') }),
])
export type HostMessage = z.output<typeof hostMessageSchema>
