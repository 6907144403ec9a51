import { eventSchemas } from '@covent/core'
import * as z from 'zod'
import { text } from './permission-schemas.ts'

export const jsonSchema = z.record(z.string(), z.unknown())

const action = z.strictObject({
  name: z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,47}$/),
  title: text(60).optional(),
  description: text(500),
  aliases: z.array(text(60)).max(32).default([]),
  examples: z
    .array(z.strictObject({ user: text(300), input: z.unknown().optional() }))
    .max(64)
    .default([]),
  input: jsonSchema,
  output: jsonSchema,
  effect: z.enum(['read', 'write', 'external', 'spend', 'exec']),
  timeoutMs: z.int().min(10).max(600_000).optional(),
  /** Whether it says itself where it applies. */
  isConditional: z.boolean().default(false),
})

const componentName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_-]{0,47}$/)
const provider = z.strictObject({
  name: componentName,
  description: text(300).optional(),
  timeoutMs: z.int().min(10).max(10_000).default(2_000),
  cacheMs: z.int().min(1_000).max(3_600_000).optional(),
})
const evaluator = z.strictObject({ name: componentName, description: text(300).optional() })
const channel = z.strictObject({
  name: componentName,
  description: text(300),
  protocol: text(40).optional(),
  endpoints: z.array(text(200)).max(8).default([]),
})
const webRoute = z.strictObject({
  method: z.enum(['GET', 'POST']),
  path: z
    .string()
    .max(100)
    .regex(/^(\/[A-Za-z0-9-]+){1,8}$/, 'must be a path such as /incoming'),
  auth: z.enum(['none', 'token', 'signature']),
})
export const emitted = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*){0,3}$/),
  payload: jsonSchema,
})
/** Every event of the server but `plugin.event`, by which plugins would call each other without end. */
export const heard = z
  .string()
  .refine((name) => name !== 'plugin.event' && Object.hasOwn(eventSchemas, name), {
    message: 'must be an event of the server that plugins may hear',
  })

export const serviceId = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9-]*)+$/, 'must be a namespaced id such as acme.geo')
/** As npm writes them; the host reads them. */
export const range = z
  .string()
  .max(100)
  .regex(/^[\w.*^~<>=| +-]+$/, 'must be a range such as ^1.2.0')
export const dependency = z.strictObject({
  name: componentName,
  service: serviceId,
  range,
  optional: z.boolean().default(false),
})
const method = z.strictObject({ name: componentName, input: jsonSchema, output: jsonSchema })
export const providedService = z.strictObject({
  service: serviceId,
  version: z.string().regex(/^\d{1,9}\.\d{1,9}\.\d{1,9}$/, 'must be a version such as 1.2.0'),
  methods: z.array(method).min(1).max(32),
})

/** What it adds to the server. */
export const contributions = z.strictObject({
  actions: z.array(action).max(64).default([]),
  providers: z.array(provider).max(16).default([]),
  evaluators: z.array(evaluator).max(16).default([]),
  /** Web requests that it answers, below `/plugins/<id>`. */
  routes: z.array(webRoute).max(16).default([]),
  /** Places where people talk, to which it ties the agent. */
  channels: z.array(channel).max(8).default([]),
})
