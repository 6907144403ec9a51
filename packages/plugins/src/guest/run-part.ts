import { type Plugin, z } from '@covent/plugin-sdk'
import { type Ask, type Context, own, type Wanted, type Work } from './component.ts'
import { channelWork } from './run-channel.ts'
import { failureOf, issuesOf, type Outcome, runCall, type Runnable } from './run-call.ts'

/** What the host gives to one call. */
interface Hold {
  /** Makes the context when it is needed, since the settings stand in it. */
  context(): Context
  readonly ask: Ask
}

/** The plugin and what the host has told it of itself. */
export interface Hosted {
  readonly plugin: Plugin
  /** Its settings, once they were parsed. */
  config: unknown
  /** Names of the services that are there. */
  services: ReadonlySet<string>
}

/** Takes what stands before `onLoad`: the settings, and which services there are. */
const takeStart = async (hosted: Hosted, start: unknown): Promise<Outcome | undefined> => {
  const { settings, services } = start as {
    readonly settings?: unknown
    readonly services: readonly string[]
  }
  const { config: schema = z.strictObject({}) } = hosted.plugin.definition
  const parsed = await schema.safeParseAsync(settings ?? {})
  if (!parsed.success) return { error: { code: 'plugin.input-invalid', message: issuesOf(parsed.error) } }
  hosted.config = parsed.data
  hosted.services = new Set(services)
  return undefined
}

/** Lets the plugin take other settings while it runs; where it does not, it keeps those that it has. */
const takeChange = async (hosted: Hosted, change: unknown, context: () => Context): Promise<Outcome> => {
  const { config: schema = z.strictObject({}), onConfigChange } = hosted.plugin.definition
  const parsed = await schema.safeParseAsync((change as { readonly settings?: unknown }).settings ?? {})
  if (!parsed.success) return { error: { code: 'plugin.input-invalid', message: issuesOf(parsed.error) } }
  const previous = hosted.config
  hosted.config = parsed.data
  const outcome = await runWork(
    (given) =>
      onConfigChange?.call(hosted.plugin.definition, parsed.data as never, previous as never, given as never),
    context(),
  )
  if (!('output' in outcome) || outcome.output !== 'applied') hosted.config = previous
  return outcome
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

type Evaluator = NonNullable<Plugin['definition']['evaluators']>[string]

const evaluation =
  (evaluator: Evaluator, turn: never): Work =>
  async (context) => {
    if (evaluator.when === undefined || (await evaluator.when(turn, context as never)))
      await evaluator.evaluate(turn, context as never)
  }

const workOf = (hosted: Hosted, wanted: Wanted, ask: Ask): Work | undefined => {
  const { definition } = hosted.plugin
  const { part, action, input } = wanted
  if (part === 'hook') return hookOf(hosted, wanted)
  if (part === 'channel') return channelWork(definition.channels, wanted, ask)
  if (part === 'route') {
    const route = definition.routes?.find(({ method, path }) => `${method} ${path}` === action)
    return route && ((context) => route.handle(input as never, context as never))
  }
  if (part === 'available') {
    const conditional = own(definition.actions, action)
    return conditional?.available && ((context) => conditional.available?.(context as never))
  }
  if (part === 'provider') {
    const provider = own(definition.providers, action)
    return provider && ((context) => provider.get(input as never, context as never))
  }
  if (part === 'evaluator') {
    const evaluator = own(definition.evaluators, action)
    return evaluator && evaluation(evaluator, input as never)
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

/** A method of a service, as an action is run: input and output are parsed by its schemas. */
const methodOf = ({ provides = {} }: Plugin['definition'], key: string): Runnable | undefined => {
  const [id, name = ''] = key.split('/')
  const service = Object.values(provides).find(({ contract }) => contract.id === id)
  const schemas = own(service?.contract.methods, name)
  const run = own(service?.methods, name)
  return schemas && run && { ...schemas, run }
}

/** Runs one component of the plugin. */
export const runPart = async (hosted: Hosted, wanted: Wanted, { context, ask }: Hold): Promise<Outcome> => {
  const { part = 'action', action, input } = wanted
  const { definition } = hosted.plugin
  if (part === 'action') return runCall(own(definition.actions, action), input, context())
  if (part === 'service') return runCall(methodOf(definition, action), input, context())
  if (part === 'hook' && action === 'config') return takeChange(hosted, input, context).catch(broken)
  const refused =
    part === 'hook' && action === 'load' ? await takeStart(hosted, input).catch(broken) : undefined
  return refused ?? runWork(workOf(hosted, wanted, ask), context())
}

const broken = (error: unknown): Outcome => ({ error: failureOf(error) })
