import { AppError, type CallContext, type Clock, newId } from '@covent/core'
import type { HostMessage } from '@covent/plugin-sdk/protocol'
import type { LoadedPlugin } from '../load-plugin.ts'

export type Part = NonNullable<Extract<HostMessage, { kind: 'call' }>['part']>
/** What a component call needs of a running plugin. */
export type PartOwner = Pick<LoadedPlugin, 'sandbox' | 'manifest' | 'grants'>

export interface PartCall {
  readonly part: Part
  readonly name: string
  readonly input: unknown
  readonly call: CallContext
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

const hookMs = 5_000

/** A call on nobody's behalf: no person's values are reached by it. */
export const hookCall = (clock: Clock): CallContext => {
  const id = newId('call', clock.now())
  return { callId: id, turnId: id, principalId: '', character: '' }
}

/** Calls one component of a plugin, whatever its kind. */
export const callPart = (
  { sandbox }: Pick<PartOwner, 'sandbox'>,
  { part, name, input, call, timeoutMs, signal = new AbortController().signal }: PartCall,
): Promise<unknown> => sandbox.call(name, input, { part, context: call, timeoutMs, signal })

/** Calls a hook, with five seconds for it. */
export const callHook = (
  plugin: Pick<PartOwner, 'sandbox'>,
  { name, input }: { readonly name: string; readonly input?: unknown },
  clock: Clock,
): Promise<unknown> =>
  callPart(plugin, { part: 'hook', name, input, call: hookCall(clock), timeoutMs: hookMs })

const ownFaults = new Set(['plugin.action-failed', 'plugin.output-invalid', 'plugin.timeout'])
const telling = new WeakSet<object>()

/** Tells a plugin's `onError` of a failure of its own, and waits for nothing; one failure at a time. */
export const tellFailure = (
  plugin: PartOwner,
  { where, error }: { readonly where: string; readonly error: unknown },
  clock: Clock,
): void => {
  if (!plugin.manifest.hooks.includes('error') || telling.has(plugin.sandbox)) return
  if (!AppError.is(error) || !ownFaults.has(error.code)) return
  telling.add(plugin.sandbox)
  const { code, message } = error
  void callHook(plugin, { name: 'error', input: { code, message, where } }, clock)
    .catch(() => {}) // it failed at failing
    .finally(() => telling.delete(plugin.sandbox))
}
