import * as z from 'zod'

/** A limit as settings write it. */
export const rateSetting = z
  .strictObject({
    limit: z.int().min(1).max(1_000_000_000),
    windowSeconds: z.int().min(1).max(86_400).default(60),
    /** Half of the limit, when absent. */
    burst: z.int().min(1).max(1_000_000_000).optional(),
    algorithm: z.enum(['gcra', 'sliding-window']).default('gcra'),
  })
  .refine(({ limit, burst }) => burst === undefined || burst <= limit, {
    path: ['burst'],
    message: 'must not be above the limit',
  })
export type RateSetting = z.output<typeof rateSetting>
