import { type Token, token } from '../token.ts'
import type { ActionSpec } from './action.ts'

/** `inline` and `worker` are no boundary, and for plugins that ship with the server alone. */
export type IsolationLevel =
  | 'inline'
  | 'worker'
  | 'process-weak'
  | 'process'
  | 'container'
  | 'vm'
  | 'unavailable'
export type PluginState =
  | 'disabled'
  | 'starting'
  | 'ready'
  | 'degraded'
  | 'draining'
  | 'stopped'
  | 'quarantined'
  | 'refused'

/** A tie to another place, as its plugin describes it. */
export interface ChannelInfo {
  readonly name: string
  readonly protocol?: string
  readonly endpoints: readonly string[]
}

export interface PluginInfo {
  readonly id: string
  readonly version: string
  readonly state: PluginState
  readonly isolation: IsolationLevel
  /** `signed`: by a key of the trust store. */
  readonly trust: 'first-party' | 'signed' | 'unverified'
  readonly grants: readonly string[]
  /** Why it is refused, quarantined or degraded, with the way out. */
  readonly reason?: string
  readonly actions: readonly string[]
  /** Absent where it has none. */
  readonly channels?: readonly ChannelInfo[]
}

/** On whose behalf an action runs. */
export interface CallContext {
  readonly callId: string
  readonly turnId: string
  readonly conversationId?: string
  readonly principalId: string
  readonly character: string
}

/** A turn and what was said in it, for providers and evaluators. */
export interface PluginTurn extends Omit<CallContext, 'callId'> {
  readonly text: string
}

/** What a provider adds to a turn: data for the model, never an instruction. */
export interface Provided {
  readonly plugin: string
  readonly provider: string
  readonly text: string
}

export interface Invocation {
  readonly plugin: string
  readonly action: string
  readonly input: unknown
  readonly call: CallContext
}

/** Runs plugins, each behind the isolation that its trust demands. */
export interface PluginHost {
  list(): readonly PluginInfo[]
  /** Actions of all plugins that are ready, in a stable order. */
  actions(): readonly ActionSpec[]
  /**
   * Those of them that apply to a turn. Actions that say so themselves are asked side by side, with two seconds for it; one
   * that says no, fails or is late is left out. Does not reject.
   */
  offered(
    turn: Omit<CallContext, 'callId'>,
    options: { readonly signal: AbortSignal },
  ): Promise<readonly ActionSpec[]>
  /**
   * Runs an action and resolves with its output, which fits the action's output schema. Throws `PluginError`. The abort
   * of `signal` reaches the plugin; `onProgress` gets what it says meanwhile.
   */
  invoke(
    invocation: Invocation,
    options: { readonly signal: AbortSignal; readonly onProgress?: (text: string) => void },
  ): Promise<unknown>
  /**
   * What the providers of all ready plugins add to a turn, in a stable order. They run side by side, each with a
   * deadline of its own; one that fails or is late adds nothing. Does not reject. Texts reach a plugin only where
   * `data:memory` is granted.
   */
  provide(turn: PluginTurn, options: { readonly signal: AbortSignal }): Promise<readonly Provided[]>
  /** Shows an answered turn to the evaluators of all ready plugins; resolves when they are done. Does not reject. */
  evaluate(turn: PluginTurn & { readonly reply: string }): Promise<void>
  /** The level in force on this machine for third-party plugins, and for the bundled ones. */
  readonly isolation: { readonly thirdParty: IsolationLevel; readonly firstParty: IsolationLevel }
}
export const PluginHost: Token<PluginHost> = token('PluginHost')
