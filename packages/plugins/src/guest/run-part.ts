import { type Plugin, z } from '@covent/plugin-sdk'
import type { HostMessage } from '@covent/plugin-sdk/protocol'
import { failureOf, issuesOf, type Outcome, runCall } from './run-call.ts'

type Wanted = Pick<Extract<HostMessage, { kind: 'call' }>, 'part' | 'action' | 'input'>
type Context = { readonly signal: AbortSignal }
type Work = (context: Context) => unknown

/** The plugin and what the host has told it of itself. */
export interface Hosted {
  readonly plugin: Plugin
  /** Its settings, once they were parsed. */
  config: unknown
}

const own = <T>(components: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  components !== undefined && Object.hasOwn(components, name) ? components[name] : undefined

const takeConfig = async (hosted: Hosted, given: unknown): Promise<Outcome | undefined> => {
  const { config: schema = z.strictObject({}) } = hosted.plugin.definition
  const parsed = await schema.safeParseAsync(given ?? {})
  if (!parsed.success) return { error: { code: 'plugin.input-invalid', message: issuesOf(parsed.error) } }
  hosted.config = parsed.data
  return undefined
}

const hookOf = ({ plugin }: Hosted, { action, input }: Wanted): Work => {
  const { definition } = plugin
  switch (action) {
    case 'unload':
      return (context) => definition.onUnload?.(context as never)
    case 'error':
      return (context) => definition.onError?.(input as never, context as never)
    case 'health':
      return (context) => definition.health?.(context as never)
    default:
      return (context) => definition.onLoad?.(context as never)
  }
}

const workOf = (hosted: Hosted, wanted: Wanted): Work | undefined => {
  const { definition } = hosted.plugin
  const { part, action, input } = wanted
  if (part === 'hook') return hookOf(hosted, wanted)
  if (part === 'provider') {
    const provider = own(definition.providers, action)
    return provider && ((context) => provider.get(input as never, context as never))
  }
  if (part === 'evaluator') {
    const evaluator = own(definition.evaluators, action)
    return evaluator && ((context) => evaluator.evaluate(input as never, context as never))
  }
  const handler = own(
    definition.on as Readonly<Record<string, (event: never, context: never) => unknown>>,
    action,
  )
  return handler && ((context) => handler(input as never, context as never))
}

/** Rejects when the host gives the call up, so that work which never ends is let go. */
const givenUp = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  )

const runWork = async (work: Work | undefined, context: Context): Promise<Outcome> => {
  if (work === undefined) return { error: { code: 'plugin.action-failed', message: 'no such component' } }
  try {
    return { output: await Promise.race([work(context), givenUp(context.signal)]) }
  } catch (error) {
    return { error: failureOf(error) }
  }
}

/** Runs one component of the plugin; `context` is made when it is needed, since the settings stand in it. */
export const runPart = async (hosted: Hosted, wanted: Wanted, context: () => Context): Promise<Outcome> => {
  const { part = 'action', action, input } = wanted
  if (part === 'action') return runCall(own(hosted.plugin.definition.actions, action), input, context())
  const refused =
    part === 'hook' && action === 'load' ? await takeConfig(hosted, input).catch(broken) : undefined
  return refused ?? runWork(workOf(hosted, wanted), context())
}

const broken = (error: unknown): Outcome => ({ error: failureOf(error) })
