import { eventSchemas } from '@covent/core'
import * as z from 'zod'
import { hostSchema, permissionsSchema, settingName } from './permission-schemas.ts'

const semver = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-.]+)?(\+[0-9A-Za-z-.]+)?$/
/** People read it in lists and logs, so it holds no control character. The pattern has no flag, which JSON Schema would lose. */
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[ -~\u00a0-\uffff]*$/, 'must hold no control character')
const jsonSchema = z.record(z.string(), z.unknown())

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
const channel = z.strictObject({ name: componentName, description: text(300) })
const webRoute = z.strictObject({
  method: z.enum(['GET', 'POST']),
  path: z
    .string()
    .max(100)
    .regex(/^(\/[A-Za-z0-9-]+){1,8}$/, 'must be a path such as /incoming'),
  auth: z.enum(['none', 'token', 'signature']),
})
const emitted = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*){0,3}$/),
  payload: jsonSchema,
})
/** Every event of the server but `plugin.event`, by which plugins would call each other without end. */
const heard = z.string().refine((name) => name !== 'plugin.event' && Object.hasOwn(eventSchemas, name), {
  message: 'must be an event of the server that plugins may hear',
})

const serviceId = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9-]*)+$/, 'must be a namespaced id such as acme.geo')
/** As npm writes them; the host reads them. */
const range = z
  .string()
  .max(100)
  .regex(/^[\w.*^~<>=| +-]+$/, 'must be a range such as ^1.2.0')
const dependency = z.strictObject({
  name: componentName,
  service: serviceId,
  range,
  optional: z.boolean().default(false),
})
const method = z.strictObject({ name: componentName, input: jsonSchema, output: jsonSchema })
const providedService = z.strictObject({
  service: serviceId,
  version: z.string().regex(/^\d{1,9}\.\d{1,9}\.\d{1,9}$/, 'must be a version such as 1.2.0'),
  methods: z.array(method).min(1).max(32),
})

export const limitsSchema = z.strictObject({
  memoryMb: z.int().min(32).max(2_048).default(64),
  /** Of one processor, in the mean. */
  cpuPercent: z.int().min(1).max(400).default(100),
  fileHandles: z.int().min(32).max(1_024).default(64),
  /** Of its actions and services, by anyone. */
  callsPerSecond: z.int().min(1).max(100_000).default(1_000),
  callTimeoutMs: z.int().min(10).max(600_000).default(30_000),
  storageMb: z.int().min(0).max(10_240).default(16),
  netBytesPerSecond: z.int().min(1_000).max(1_000_000_000).default(1_000_000),
})

const secret = z.strictObject({
  description: text(200),
  required: z.boolean().default(true),
  inject: z
    .strictObject({
      header: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/),
      format: z
        .string()
        .max(100)
        .regex(/^[\u0020-\u007e]*\{value\}[\u0020-\u007e]*$/, 'must hold {value}')
        .default('{value}'),
      hosts: z.array(hostSchema).min(1).max(16),
    })
    .optional(),
})

const hasNoPermissions = (manifest: {
  readonly permissions: { readonly required: object; readonly optional: object }
}): boolean =>
  Object.keys(manifest.permissions.required).length + Object.keys(manifest.permissions.optional).length === 0

/** What a plugin is, needs and offers: the document that permissions and calls are judged by. */
export const manifestSchema = z
  .strictObject({
    manifestVersion: z.literal(1),
    id: z
      .string()
      .max(64)
      .regex(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9-]*)+$/, 'must be a namespaced id such as acme.weather'),
    version: z.string().max(64).regex(semver, 'must be a version such as 1.0.0'),
    type: z.enum(['system', 'integration', 'extension', 'utility']),
    title: text(60).optional(),
    description: text(300).min(10),
    permissions: z
      .strictObject({ required: permissionsSchema.default({}), optional: permissionsSchema.default({}) })
      .prefault({}),
    limits: limitsSchema.prefault({}),
    /** Secrets of the operator's that it uses, most of them without seeing them. */
    secrets: z.record(settingName, secret).default({}),
    isolation: z
      .strictObject({ level: z.enum(['worker', 'process', 'container', 'vm']).default('process') })
      .prefault({}),
    /** JSON Schema of the operator's settings for it. */
    config: jsonSchema.optional(),
    /** What is told to it of its own life. */
    hooks: z.array(z.enum(['load', 'unload', 'error', 'health'])).default([]),
    /** Events of the server that reach it. */
    on: z.array(heard).max(32).default([]),
    /** Events of its own. */
    emits: z.array(emitted).max(32).default([]),
    /** Which servers it is for. */
    engines: z.strictObject({ runtime: range.optional() }).prefault({}),
    /** Plugins without which it does not start: id → range of versions. */
    dependsOn: z.record(serviceId, range).default({}),
    /** Services of other plugins that it calls. */
    uses: z.array(dependency).max(16).default([]),
    /** Services that it offers to other plugins. */
    provides: z.array(providedService).max(16).default([]),
    contributes: z
      .strictObject({
        actions: z.array(action).max(64).default([]),
        providers: z.array(provider).max(16).default([]),
        evaluators: z.array(evaluator).max(16).default([]),
        /** Web requests that it answers, below `/plugins/<id>`. */
        routes: z.array(webRoute).max(16).default([]),
        /** Places where people talk, to which it ties the agent. */
        channels: z.array(channel).max(8).default([]),
      })
      .prefault({}),
  })
  .refine((manifest) => manifest.type !== 'utility' || hasNoPermissions(manifest), {
    path: ['permissions'],
    message: 'a utility plugin has no permissions',
  })
  .refine(({ type, contributes }) => type === 'integration' || contributes.channels.length === 0, {
    path: ['contributes', 'channels'],
    message: 'only a plugin of type integration has channels',
  })
  .refine(({ type, on }) => type === 'system' || !on.some((name) => name.startsWith('security.')), {
    path: ['on'],
    message: 'events of security reach plugins of type system only',
  })
export type Manifest = z.output<typeof manifestSchema>
export type ManifestAction = Manifest['contributes']['actions'][number]
