import * as z from 'zod'

export const pageQuery = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .meta({ description: 'At most this many items.' }),
  cursor: z.string().min(1).max(512).optional().meta({ description: '`nextCursor` of the page before.' }),
})

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() })

export interface Listed<T> {
  readonly items: readonly T[]
  readonly nextCursor?: string
}

/** Times stand in answers as RFC 3339. */
export const isoTime = (ms: number): string => new Date(ms).toISOString()

export const time = z.iso.datetime()
