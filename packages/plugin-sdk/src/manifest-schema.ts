import * as z from 'zod'
import {
  contributions,
  dependency,
  emitted,
  heard,
  jsonSchema,
  providedService,
  range,
  serviceId,
} from './manifest-parts.ts'
import { hostSchema, permissionsSchema, settingName, text } from './permission-schemas.ts'

const semver = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-.]+)?(\+[0-9A-Za-z-.]+)?$/

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
        .regex(/^[ -~]*$/, 'must be printable ASCII')
        // A pattern of its own: in one with what may surround it, repeats of it took minutes.
        .regex(/\{value\}/, 'must hold {value}')
        .default('{value}'),
      hosts: z.array(hostSchema).min(1).max(16),
    })
    .optional(),
})

/** What a plugin is, needs and offers, before its parts are held against each other. */
const shape = z.strictObject({
  manifestVersion: z.literal(1),
  id: z
    .string()
    .max(64)
    .regex(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9-]*)+$/, 'must be a namespaced id such as acme.weather'),
  version: z.string().max(64).regex(semver, 'must be a version such as 1.0.0'),
  type: z.enum(['system', 'integration', 'extension', 'utility']),
  title: text(60).optional(),
  description: text(300).min(10),
  license: text(40).optional(),
  homepage: z
    .url({ protocol: /^https$/ })
    .max(300)
    .optional(),
  permissions: z
    .strictObject({ required: permissionsSchema.default({}), optional: permissionsSchema.default({}) })
    .prefault({}),
  limits: limitsSchema.prefault({}),
  /** Secrets of the operator's that it uses, most of them without seeing them. */
  secrets: z.record(settingName, secret).default({}),
  isolation: z
    .strictObject({
      level: z.enum(['worker', 'process', 'container', 'vm']).default('process'),
      /** What its permissions come to, written at a build for people to read; the host goes by the permissions. */
      network: z.enum(['none', 'restricted']).optional(),
      filesystem: z.enum(['none', 'readonly', 'workspace', 'any']).optional(),
    })
    .prefault({}),
  /** JSON Schema of the operator's settings for it. */
  config: jsonSchema.optional(),
  /** What is told to it of its own life. */
  hooks: z.array(z.enum(['load', 'unload', 'config', 'error', 'health'])).default([]),
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
  contributes: contributions.prefault({}),
})
type Shape = z.output<typeof shape>

const hasSmallRecords = ({ secrets, dependsOn }: Shape): boolean =>
  [secrets, dependsOn].every((record) => Object.keys(record).length <= 32)

/** Names are what calls go by and what an operator consents to: one that stands twice is two things. */
const isUnique = (names: readonly string[]): boolean => new Set(names).size === names.length

const hasOwnNames = ({ contributes, emits, uses, provides }: Shape): boolean => {
  const { actions, providers, evaluators, channels, routes } = contributes
  const methods = provides.map((service) => service.methods)
  return (
    [actions, providers, evaluators, channels, emits, uses, ...methods].every((components) =>
      isUnique(components.map(({ name }) => name)),
    ) &&
    isUnique(provides.map(({ service }) => service)) &&
    isUnique(routes.map(({ method, path }) => `${method} ${path}`))
  )
}

const isInBoth = ({ permissions }: Shape): boolean =>
  Object.keys(permissions.required).some((name) => Object.hasOwn(permissions.optional, name))

const hasNoPermissions = (manifest: Shape): boolean =>
  Object.keys(manifest.permissions.required).length + Object.keys(manifest.permissions.optional).length === 0

/** What permissions come to, in two words. */
export const reachOf = ({ required, optional }: Shape['permissions']) => {
  const names = [...Object.keys(required), ...Object.keys(optional)]
  const has = (start: string): boolean => names.some((name) => name.startsWith(start))
  const writes = has('fs:write:any') ? 'any' : has('fs:write:workspace') ? 'workspace' : undefined
  return {
    network: has('net:') ? 'restricted' : 'none',
    filesystem: writes ?? (has('fs:read:') ? 'readonly' : 'none'),
  } as const
}

const saysItsReach = ({ permissions, isolation }: Shape): boolean => {
  const { network, filesystem } = reachOf(permissions)
  return (isolation.network ?? network) === network && (isolation.filesystem ?? filesystem) === filesystem
}

/** What a plugin is, needs and offers: the document that permissions and calls are judged by. */
export const manifestSchema = shape
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
  .refine((manifest) => !isInBoth(manifest), {
    path: ['permissions', 'optional'],
    message: 'a permission is required or optional, not both: it is granted by its name',
  })
  .refine(hasOwnNames, { path: ['contributes'], message: 'two of its components share a name' })
  .refine(hasSmallRecords, { path: ['dependsOn'], message: 'there are at most 32 of these, and of secrets' })
  .refine(saysItsReach, {
    path: ['isolation'],
    message: 'network and filesystem are not what its permissions come to',
  })
export type Manifest = z.output<typeof manifestSchema>
export type ManifestAction = Manifest['contributes']['actions'][number]
