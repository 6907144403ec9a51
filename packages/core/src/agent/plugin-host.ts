import { type Token, token } from '../token.ts'
import type { ActionSpec } from './action.ts'

export type IsolationLevel = 'process' | 'process-weak' | 'container' | 'vm' | 'unavailable'
export type PluginState =
  | 'disabled'
  | 'starting'
  | 'ready'
  | 'degraded'
  | 'draining'
  | 'stopped'
  | 'quarantined'
  | 'refused'

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
}

/** On whose behalf an action runs. */
export interface CallContext {
  readonly callId: string
  readonly turnId: string
  readonly conversationId?: string
  readonly principalId: string
  readonly character: string
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
   * Runs an action and resolves with its output, which fits the action's output schema. Throws `PluginError`. The abort
   * of `signal` reaches the plugin; `onProgress` gets what it says meanwhile.
   */
  invoke(
    invocation: Invocation,
    options: { readonly signal: AbortSignal; readonly onProgress?: (text: string) => void },
  ): Promise<unknown>
  /** The level in force on this machine for third-party plugins, and for the bundled ones. */
  readonly isolation: { readonly thirdParty: IsolationLevel; readonly firstParty: IsolationLevel }
}
export const PluginHost: Token<PluginHost> = token('PluginHost')
