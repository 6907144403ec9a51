import * as z from 'zod'

/** A limit as settings write it. */
const rate = z
  .strictObject({
    limit: z.int().min(1).max(1_000_000_000),
    windowSeconds: z.int().min(1).max(86_400).default(60),
    /** Admitted at once; half of the limit, when absent. */
    burst: z.int().min(1).max(1_000_000_000).optional(),
    algorithm: z.enum(['gcra', 'sliding-window']).default('gcra'),
  })
  .refine(({ limit, burst }) => burst === undefined || burst <= limit, {
    path: ['burst'],
    message: 'must not be above the limit',
  })

const cidr = z.union([z.cidrv4(), z.cidrv6()], 'is no range of addresses such as 10.0.0.0/8')
const routeName = z
  .string()
  .regex(/^(GET|POST|PUT|DELETE) \/\S*$/, 'is no route such as POST /api/conversations')

/** Settings under `rateLimit`. Each counts per principal, and per peer where nobody has to say who he is. */
export const rateLimitConfig = z.strictObject({
  /** False where another program in front of this one limits. */
  enabled: z.boolean().default(true),
  /** Whatever has no limit of its own, together. */
  default: rate.prefault({ limit: 300 }),
  /** Messages to an agent, by whichever way. */
  chat: rate.prefault({ limit: 60 }),
  /** What costs the server much: packages, searches, exports. */
  expensive: rate.prefault({ limit: 10 }),
  /** Tries of a pairing code. */
  pairing: rate.prefault({ limit: 5, windowSeconds: 300, burst: 5 }),
  /** Requests of one peer with a credential that is not valid. */
  failures: rate.prefault({ limit: 30 }),
  /** Turns of each agent, whoever asks it. */
  agent: rate.optional(),
  /** What each plugin asks of the server. */
  plugin: rate.optional(),
  /** All requests together. */
  global: rate.optional(),
  /** By method and path as the OpenAPI document has them, instead of the limits above. */
  routes: z.record(routeName, rate).default({}),
  /** Peers that are not limited: ranges such as 10.0.0.0/8. */
  exempt: z.array(cidr).max(100).default([]),
})
export type RateLimitConfig = z.output<typeof rateLimitConfig>

const caps = z
  .strictObject({
    tokensPerDay: z.int().min(1).max(1_000_000_000_000).optional(),
    /** In the currency of `models.prices`. */
    moneyPerDay: z.number().positive().max(1_000_000_000).optional(),
  })
  .prefault({})

/** Settings under `budgets`: what models may be used for in a day of UTC. Without a number there is no cap. */
export const budgetsConfig = z.strictObject({ perPrincipal: caps, perAgent: caps, perPlugin: caps })
export type BudgetsConfig = z.output<typeof budgetsConfig>
