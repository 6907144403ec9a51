import { type Clock, type Logger, type PluginTurn, type Provided } from '@covent/core'
import * as z from 'zod'
import { callPart, type PartCall, type PartOwner, tellFailure } from './call-part.ts'
import { shownTurn } from './shown.ts'

export interface TurnServices {
  readonly clock: Clock
  readonly logger: Logger
}

type Component = Pick<PartCall, 'part' | 'name' | 'timeoutMs'> & { readonly signal?: AbortSignal }

const textLength = 8_000
const evaluateMs = 30_000
// `null` too, as people who know other systems return it.
const providedSchema = z.object({ text: z.string() }).nullish()

/** The same turn gives the same call, so that what a repeat of it writes is written once. */
const callIn = ({ turnId, conversationId, principalId, character }: PluginTurn, component: string) => ({
  callId: `${turnId}:${component}`,
  turnId,
  ...(conversationId !== undefined && { conversationId }),
  principalId,
  character,
})

/** Calls a component about a turn; undefined where it fails or is late. */
const attempt = async (
  plugin: PartOwner,
  turn: PluginTurn,
  { component, services }: { readonly component: Component; readonly services: TurnServices },
): Promise<unknown> => {
  const where = `${component.part}/${component.name}`
  try {
    const input = shownTurn(plugin, turn)
    return await callPart(plugin, { ...component, input, call: callIn(turn, where) })
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

/** What the providers of these plugins add to a turn, in the order of the plugins and of their manifests. */
export const provide = async (
  plugins: readonly PartOwner[],
  turn: PluginTurn,
  { signal, ...services }: TurnServices & { readonly signal: AbortSignal },
): Promise<readonly Provided[]> => {
  const asked = plugins.flatMap((plugin) =>
    plugin.manifest.contributes.providers.map(async ({ name, timeoutMs }): Promise<readonly Provided[]> => {
      const component = { part: 'provider', name, timeoutMs, signal } as const
      const { data } = providedSchema.safeParse(await attempt(plugin, turn, { component, services }))
      if (!data || data.text === '') return []
      return [{ plugin: plugin.manifest.id, provider: name, text: data.text.slice(0, textLength) }]
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
      const component = { part: 'evaluator', name, timeoutMs: evaluateMs } as const
      return attempt(plugin, turn, { component, services })
    }),
  )
  await Promise.all(asked)
}
