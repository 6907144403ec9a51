import type { Plugin } from '@covent/plugin-sdk'
import type { GuestMessage } from '@covent/plugin-sdk/protocol'
import { HostRefusal } from './broker-requests.ts'

type Failure = Extract<GuestMessage, { kind: 'failure' }>['error']
/** How a call of a component ended. */
export type Outcome = { readonly output: unknown } | { readonly error: Failure }
type Context = { readonly signal: AbortSignal }
/** An action, or a method of a service. */
export type Runnable = Pick<NonNullable<Plugin['definition']['actions']>[string], 'input' | 'output' | 'run'>

const passedOn = [
  'plugin.permission-denied',
  'plugin.quota-exceeded',
  'plugin.input-invalid',
  'limit.budget-exceeded',
] as const

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 4_000)

export const failureOf = (error: unknown): Failure => {
  const code = error instanceof HostRefusal ? passedOn.find((known) => known === error.code) : undefined
  return { code: code ?? 'plugin.action-failed', message: messageOf(error) }
}

export const issuesOf = (error: {
  readonly issues: readonly { path: readonly PropertyKey[]; message: string }[]
}): string =>
  error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`))
    .join('; ')
    .slice(0, 4_000)

const runChecked = async (action: Runnable, input: unknown, context: Context): Promise<Outcome> => {
  const parsed = await action.input.safeParseAsync(input)
  if (!parsed.success) return { error: { code: 'plugin.input-invalid', message: issuesOf(parsed.error) } }
  context.signal.throwIfAborted() // the parse may have taken long
  const output = await action.output.safeParseAsync(await action.run(parsed.data, context as never))
  if (!output.success) return { error: { code: 'plugin.output-invalid', message: issuesOf(output.error) } }
  return { output: output.data }
}

/** Runs an action: input and output are parsed by its schemas, and whatever it throws becomes a failure. */
export const runCall = async (
  action: Runnable | undefined,
  input: unknown,
  context: Context,
): Promise<Outcome> => {
  if (action === undefined) return { error: { code: 'plugin.action-failed', message: 'no such action' } }
  try {
    return await runChecked(action, input, context)
  } catch (error) {
    return { error: failureOf(error) }
  }
}
