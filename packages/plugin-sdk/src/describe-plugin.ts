import * as z from 'zod'
import type { Plugin } from './contract/define-plugin.ts'
import type { ServiceContract } from './contract/services.ts'
import { type Manifest, manifestSchema, reachOf } from './manifest-schema.ts'

type Action = NonNullable<Plugin['definition']['actions']>[string]

const describeAction = ([name, action]: [string, Action]): object => ({
  name,
  title: action.title,
  description: action.description,
  aliases: action.aliases,
  examples: action.examples,
  input: z.toJSONSchema(action.input, { io: 'input' }),
  output: z.toJSONSchema(action.output, { io: 'output' }),
  effect: action.effect,
  timeoutMs: action.timeoutMs,
  isConditional: action.available !== undefined,
})

const hookNames = {
  load: 'onLoad',
  unload: 'onUnload',
  config: 'onConfigChange',
  error: 'onError',
  health: 'health',
} as const

const hooksOf = (definition: Plugin['definition']): readonly string[] =>
  Object.entries(hookNames).flatMap(([hook, member]) => (definition[member] === undefined ? [] : [hook]))

/** Each component under its name. */
const named = <T, D extends object>(components: Readonly<Record<string, T>> = {}, describe: (one: T) => D) =>
  Object.entries(components).map(([name, one]) => ({ name, ...describe(one) }))

const describeService = ({ id, version, methods }: ServiceContract): object => ({
  service: id,
  version,
  methods: named(methods, ({ input, output }) => ({
    input: z.toJSONSchema(input, { io: 'input' }),
    output: z.toJSONSchema(output, { io: 'output' }),
  })),
})

const manifestOf = ({ definition }: Plugin): Manifest =>
  manifestSchema.parse({
    manifestVersion: 1,
    id: definition.id,
    version: definition.version,
    type: definition.type,
    title: definition.title,
    description: definition.description,
    license: definition.license,
    homepage: definition.homepage,
    permissions: definition.permissions,
    limits: definition.limits,
    secrets: definition.secrets,
    isolation: { level: definition.isolation },
    config: definition.config && z.toJSONSchema(definition.config, { io: 'input' }),
    hooks: hooksOf(definition),
    on: Object.keys(definition.on ?? {}),
    emits: named(definition.emits, (payload) => ({ payload: z.toJSONSchema(payload, { io: 'output' }) })),
    engines: definition.engines,
    dependsOn: definition.dependsOn,
    uses: named(definition.services, ({ contract, range, optional }) => ({
      service: contract.id,
      range,
      optional,
    })),
    provides: Object.values(definition.provides ?? {}).map(({ contract }) => describeService(contract)),
    contributes: {
      actions: Object.entries(definition.actions ?? {}).map(describeAction),
      providers: named(definition.providers, ({ description, timeoutMs, cacheMs }) => ({
        description,
        timeoutMs,
        cacheMs,
      })),
      evaluators: named(definition.evaluators, ({ description }) => ({ description })),
      routes: definition.routes?.map(({ method, path, auth }) => ({ method, path, auth })),
      channels: named(definition.channels, ({ description, protocol, endpoints }) => ({
        description,
        protocol,
        endpoints,
      })),
    },
  })

/** A plugin's manifest, read from its definition. Throws a `ZodError` where the definition breaks a rule. */
export const describePlugin = (plugin: Plugin): Manifest => {
  const manifest = manifestOf(plugin)
  return { ...manifest, isolation: { ...manifest.isolation, ...reachOf(manifest.permissions) } }
}
