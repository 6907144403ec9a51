import type { ActionSpec, CallContext, Clock, Logger, PluginTurn, Provided } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import * as z from 'zod'
import type { LoadedPlugin } from '../load-plugin.ts'
import { callPart, type PartCall, type PartOwner, tellFailure } from './call-part.ts'
import type { ProvidedTexts, Providing } from './provided-texts.ts'
import { shownTurn } from './shown.ts'

export interface TurnServices {
  readonly clock: Clock
  readonly logger: Logger
}

interface ProvideServices extends TurnServices {
  readonly texts: ProvidedTexts
  readonly signal: AbortSignal
}

type TurnCall = Omit<CallContext, 'callId'>
type Component = Pick<PartCall, 'part' | 'name' | 'timeoutMs'> & {
  readonly input?: unknown
  readonly signal?: AbortSignal
}

const textLength = 8_000
const evaluateMs = 30_000
const availableMs = 2_000
// `null` too, as people who know other systems return it.
const providedSchema = z.object({ text: z.string() }).nullish()

/** The same turn gives the same call, so that what a repeat of it writes is written once. */
const callIn = ({ turnId, conversationId, principalId, character }: TurnCall, component: string) => ({
  callId: `${turnId}:${component}`,
  turnId,
  ...(conversationId !== undefined && { conversationId }),
  principalId,
  character,
})

/** Calls a component about a turn; undefined where it fails or is late. */
const attempt = async (
  plugin: PartOwner,
  turn: TurnCall,
  { component, services }: { readonly component: Component; readonly services: TurnServices },
): Promise<unknown> => {
  const where = `${component.part}/${component.name}`
  try {
    return await callPart(plugin, { input: undefined, ...component, call: callIn(turn, where) })
  } catch (error) {
    tellFailure(plugin, { where, error }, services.clock)
    const { message } = error as Error
    services.logger.warn('a component of a plugin failed', {
      plugin: plugin.manifest.id,
      where,
      reason: message,
    })
    return undefined
  }
}

type Provider = Manifest['contributes']['providers'][number]

const byId = (one: Providing, other: Providing): number => (one.manifest.id < other.manifest.id ? -1 : 1)

/**
 * What the providers of these plugins add to a turn, by the plugins' ids and in the order of their manifests: which plugin
 * was the first to start must not change what a model reads.
 */
export const provide = async (
  plugins: readonly Providing[],
  turn: PluginTurn,
  { signal, texts, ...services }: ProvideServices,
): Promise<readonly Provided[]> => {
  const ask = async (plugin: Providing, { name, timeoutMs }: Provider): Promise<string> => {
    const component = { part: 'provider', name, input: shownTurn(plugin, turn), timeoutMs, signal } as const
    const { data } = providedSchema.safeParse(await attempt(plugin, turn, { component, services }))
    return data?.text.slice(0, textLength) ?? ''
  }
  const textOf = (plugin: Providing, provider: Provider): Promise<string> => {
    const { name, cacheMs } = provider
    if (cacheMs === undefined) return ask(plugin, provider)
    return texts.find(plugin, turn, { name, cacheMs }, () => ask(plugin, provider))
  }
  const asked = plugins.toSorted(byId).flatMap((plugin) =>
    plugin.manifest.contributes.providers.map(async (provider): Promise<readonly Provided[]> => {
      const text = await textOf(plugin, provider)
      return text === '' ? [] : [{ plugin: plugin.manifest.id, provider: provider.name, text }]
    }),
  )
  return (await Promise.all(asked)).flat()
}

/** Shows an answered turn to the evaluators of these plugins. */
export const evaluate = async (
  plugins: readonly PartOwner[],
  turn: PluginTurn & { readonly reply: string },
  services: TurnServices,
): Promise<void> => {
  const asked = plugins.flatMap((plugin) =>
    plugin.manifest.contributes.evaluators.map(({ name }) => {
      const component = {
        part: 'evaluator',
        name,
        input: shownTurn(plugin, turn),
        timeoutMs: evaluateMs,
      } as const
      return attempt(plugin, turn, { component, services })
    }),
  )
  await Promise.all(asked)
}

interface AvailableServices extends TurnServices {
  readonly signal: AbortSignal
}

/** Whether an action says that it applies; no where that cannot be told. */
export const isAvailable = async (
  plugin: PartOwner,
  name: string,
  { turn, signal, ...services }: AvailableServices & { readonly turn: TurnCall },
): Promise<boolean> => {
  const component = { part: 'available', name, timeoutMs: availableMs, signal } as const
  return (await attempt(plugin, turn, { component, services })) === true
}

/** The actions of these plugins that apply to a turn, in the order of the plugins and of their manifests. */
export const offered = async (
  plugins: readonly LoadedPlugin[],
  turn: TurnCall,
  services: AvailableServices,
): Promise<readonly ActionSpec[]> => {
  const asked = plugins.flatMap((plugin) =>
    [...plugin.actions.values()].map(async ({ spec, isConditional }) => {
      const applies = !isConditional || (await isAvailable(plugin, spec.name, { ...services, turn }))
      return applies ? [spec] : []
    }),
  )
  return (await Promise.all(asked)).flat()
}
