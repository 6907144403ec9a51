import * as z from 'zod'
import type { ActionEffect } from '@covent/core'
import type { BaseContext } from '../contract/context.ts'
import type { Turn } from '../contract/components.ts'
import type { Plugin } from '../contract/define-plugin.ts'
import type { PermissionSet } from '../contract/permissions.ts'
import { type ElizaContext, elizaMessage, elizaRuntime, emptyState } from './eliza-runtime.ts'
import type { ElizaAction, ElizaEvaluator, ElizaPlugin, ElizaProvider, ElizaService } from './shape.ts'

export interface ElizaOptions {
  readonly id: `${string}.${string}`
  readonly version: `${number}.${number}.${number}`
  readonly permissions?: { readonly required?: PermissionSet; readonly optional?: PermissionSet }
  /** What each action does to the world, by its classic name. When absent `external` where a permission leads out of the server, else `write`. */
  readonly effects?: Readonly<Record<string, ActionEffect>>
}

type Services = Map<string, unknown>
type ActionContext = ElizaContext & BaseContext

const inputSchema = z.object({
  text: z.string().max(10_000).describe('What the person wants, in their words'),
  options: z.record(z.string(), z.unknown()).optional(),
})
const outputSchema = z.object({ text: z.string() })

const leadsOut = (names: readonly string[]): boolean =>
  names.some((name) => name.startsWith('net:') || name.startsWith('process:s'))

const effectOf = ({ effects = {}, permissions = {} }: ElizaOptions, name: string): ActionEffect => {
  const asked = [...Object.keys(permissions.required ?? {}), ...Object.keys(permissions.optional ?? {})]
  return (
    (Object.hasOwn(effects, name) ? effects[name] : undefined) ?? (leadsOut(asked) ? 'external' : 'write')
  )
}

const plainName = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '_')
    .slice(0, 48)
const words = (name: string): string => name.toLowerCase().replaceAll('_', ' ').slice(0, 60)

const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  const { text } = (typeof value === 'object' && value !== null ? value : {}) as { readonly text?: unknown }
  return typeof text === 'string' ? text : undefined
}

const examplesOf = ({ examples = [] }: ElizaAction) =>
  examples.flatMap(([first]) => {
    const text = first?.content.text?.slice(0, 300)
    return text === undefined || text === '' ? [] : [{ user: text, input: { text } }]
  })

/** Calls a classic handler; what it hands to its callback is the answer, or else what it returns. */
const runAction = async (
  action: ElizaAction,
  { text, options }: z.output<typeof inputSchema>,
  { context, services }: { readonly context: ActionContext; readonly services: Services },
): Promise<z.output<typeof outputSchema>> => {
  const message = elizaMessage({ ...context.call, text })
  const runtime = elizaRuntime(context, services, context.call.character)
  if ((await action.validate?.(runtime, message, emptyState)) === false)
    throw new Error(`${action.name} does not apply here`)
  const said: string[] = []
  const callback = async (content: { readonly text?: string }) => {
    if (content.text !== undefined) said.push(content.text)
    return []
  }
  const result = await action.handler(runtime, message, emptyState, options ?? {}, callback)
  if (result === false && said.length === 0) throw new Error(`${action.name} could not be done`)
  return { text: said.length > 0 ? said.join('\n') : (textOf(result) ?? 'Done.') }
}

const actionsOf = (plugin: ElizaPlugin, options: ElizaOptions, services: Services) =>
  Object.fromEntries(
    (plugin.actions ?? []).map((action) => [
      plainName(action.name),
      {
        description: action.description,
        aliases: [action.name, ...(action.similes ?? [])].map(words),
        examples: examplesOf(action),
        effect: effectOf(options, action.name),
        input: inputSchema,
        output: outputSchema,
        run: (input: z.output<typeof inputSchema>, context: ActionContext) =>
          runAction(action, input, { context, services }),
      },
    ]),
  )

const providerOf = (provider: ElizaProvider, services: Services) => ({
  ...(provider.description !== undefined && { description: provider.description }),
  async get(turn: Turn, context: ElizaContext) {
    const runtime = elizaRuntime(context, services, turn.character)
    const text = textOf(await provider.get(runtime, elizaMessage(turn), emptyState))
    return text === undefined ? undefined : { text }
  },
})

const evaluatorOf = (evaluator: ElizaEvaluator, services: Services) => ({
  ...(evaluator.description !== undefined && { description: evaluator.description }),
  async when(turn: Turn, context: ElizaContext) {
    const runtime = elizaRuntime(context, services, turn.character)
    return (await evaluator.validate?.(runtime, elizaMessage(turn), emptyState)) !== false
  },
  async evaluate(turn: Turn, context: ElizaContext) {
    const runtime = elizaRuntime(context, services, turn.character)
    await evaluator.handler(runtime, elizaMessage(turn), emptyState)
  },
})

const startService = async (
  service: ElizaService,
  context: ElizaContext,
  services: Services,
): Promise<void> => {
  const runtime = elizaRuntime(context, services, '')
  const started = service.start === undefined ? service : await service.start(runtime)
  if (service.start === undefined) await service.initialize?.(runtime)
  const type = service.serviceType ?? (started as ElizaService | undefined)?.serviceType
  services.set(type ?? `service_${services.size}`, started)
}

const lifeOf = (plugin: ElizaPlugin, services: Services) => ({
  async onLoad(context: ElizaContext) {
    await plugin.initialize?.(elizaRuntime(context, services, ''))
    for (const service of plugin.services ?? []) await startService(service, context, services)
  },
  async onUnload(context: ElizaContext) {
    for (const service of services.values()) await (service as ElizaService | undefined)?.stop?.()
    await plugin.cleanup?.(elizaRuntime(context, services, ''))
  },
})

/**
 * Wraps a plugin of the classic Eliza shape. Its settings are any names under `plugins.config.<id>`; it gets the part
 * of the runtime that `ElizaRuntime` lists, and what it does is held to the permissions given here.
 */
export const fromEliza = (plugin: ElizaPlugin, options: ElizaOptions): Plugin => {
  const services: Services = new Map()
  const named = <T extends { readonly name?: string }, U>(all: readonly T[] = [], wrap: (one: T) => U) =>
    Object.fromEntries(all.map((one, n) => [plainName(one.name ?? `${plugin.name}_${n}`), wrap(one)]))
  const definition = {
    id: options.id,
    version: options.version,
    type: 'extension',
    title: plugin.name,
    description: plugin.description,
    ...(options.permissions !== undefined && { permissions: options.permissions }),
    config: z.record(z.string(), z.unknown()),
    actions: actionsOf(plugin, options, services),
    providers: named(plugin.providers, (one) => providerOf(one, services)),
    evaluators: named(plugin.evaluators, (one) => evaluatorOf(one, services)),
    ...lifeOf(plugin, services),
  }
  return { kind: 'plugin', definition: definition as Plugin['definition'] }
}
