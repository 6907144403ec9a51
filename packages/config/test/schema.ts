import * as z from 'zod'

const provider = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rules') }),
  z.strictObject({
    kind: z.literal('openai-compatible'),
    baseUrl: z.url(),
    secret: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
])

/** Settings of each shape that the server has. */
export const schema = z.strictObject({
  http: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(7420),
      headersTimeoutMs: z.int().positive().default(15_000),
      allowedHosts: z.array(z.string()).default([]),
    })
    .prefault({}),
  database: z.strictObject({ url: z.url().optional() }).prefault({}),
  models: z
    .strictObject({
      default: z.string().default('rules'),
      providers: z.record(z.string(), provider).default({}),
    })
    .prefault({}),
  rateLimit: z
    .strictObject({ routes: z.record(z.string(), z.strictObject({ limit: z.int() })).default({}) })
    .prefault({}),
  isolation: z.strictObject({ allowWeak: z.boolean().default(false) }).prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'silent']).default('info') }).prefault({}),
  // Not strict on purpose: the loader must see its unknown settings nevertheless.
  telemetry: z.object({ otlp: z.string().optional(), ratio: z.number().optional() }).prefault({}),
})
