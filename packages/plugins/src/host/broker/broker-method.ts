import { type CallContext, type Namespace, PluginError, type PluginInfo } from '@covent/core'
import type { PluginPermission } from '@covent/plugin-sdk'
import type { Manifest } from '@covent/plugin-sdk/manifest'

/** What the broker knows of the plugin that asks: from its manifest and the operator's grants, never from it. */
export interface Asker {
  readonly id: string
  readonly trust: PluginInfo['trust']
  readonly grants: ReadonlySet<string>
  /** Whether it is installed, so that its grants stand in the database and not in the settings. */
  readonly isPackaged?: boolean
  readonly quotaBytes: number
  /** Holds the scopes of its permissions; absent until it is known. */
  readonly manifest?: Manifest
  /** What is offered to it alone: its events, and the services that it calls. */
  readonly own?: ReadonlyMap<string, BrokerMethod>
  /** Aborts when a permission is taken from it. */
  readonly withdrawn?: AbortSignal
}

/** What a request needs. */
export interface Wanted {
  /** Those that are no permission are declarations of the manifest, which nobody grants. */
  readonly permission: PluginPermission | 'services' | 'emits' | 'permissions'
  /** What it is wanted for, shown to the operator. */
  readonly target: string
  /** How the manifest would name that. */
  readonly scope?: object
  /** What would allow it, where that is no line of the manifest. */
  readonly remedy?: string
}

/** What the error of a denial says for machines. */
export interface Denied extends Pick<Wanted, 'permission' | 'target'> {
  /** The line of the manifest, the command or the setting that would let it through. */
  readonly allowedBy: string
}

export interface BrokerMethod {
  /** Absent where what the manifest declares decides, and `run` refuses what it does not. */
  readonly permission?: PluginPermission
  /** Where the permission or the target goes by what is asked for. */
  wanted?(params: unknown): Wanted
  run(request: MethodRequest): Promise<unknown>
}
export interface MethodRequest {
  readonly asker: Asker
  readonly call: CallContext
  /** The same for a repeat of the same call. */
  readonly operationId: string
  readonly method: string
  readonly params: unknown
  /** Tells that it was refused, and makes the error that the plugin gets. */
  deny(wanted: Wanted): PluginError
  /** Aborts when the call has ended. */
  readonly signal: AbortSignal
}

/** How long what the request opens may live: as long as its call, and until a permission is taken away. */
export const lifeOf = ({ asker, signal }: MethodRequest): AbortSignal =>
  asker.withdrawn === undefined ? signal : AbortSignal.any([signal, asker.withdrawn])

/** Whose values: by the call as the host keeps it. */
export const namespaceOf = ({ id }: Asker, call: CallContext, scope: Namespace['scope']): Namespace => {
  if (scope === 'plugin') return { plugin: id, scope, owner: '' }
  if (scope === 'principal' && call.principalId !== '') return { plugin: id, scope, owner: call.principalId }
  if (scope === 'conversation' && call.conversationId !== undefined)
    return { plugin: id, scope, owner: call.conversationId }
  const nobody = scope === 'principal' ? 'person' : 'conversation'
  throw new PluginError(
    'plugin.input-invalid',
    `this belongs to no ${nobody}, so it has no values of that scope`,
  )
}
