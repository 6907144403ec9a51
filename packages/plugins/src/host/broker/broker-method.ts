import { type CallContext, type Namespace, PluginError } from '@covent/core'
import type { PluginPermission } from '@covent/plugin-sdk'

/** What the broker knows of the plugin that asks: from its manifest and the operator's grants, never from it. */
export interface Asker {
  readonly id: string
  readonly trust: 'first-party' | 'unverified'
  readonly grants: ReadonlySet<string>
  readonly quotaBytes: number
}

export interface BrokerMethod {
  readonly permission: PluginPermission
  run(request: MethodRequest): Promise<unknown>
}
export interface MethodRequest {
  readonly asker: Asker
  readonly call: CallContext
  /** The same for a repeat of the same call. */
  readonly operationId: string
  readonly params: unknown
}

/** Whose values: by the call as the host keeps it. */
export const namespaceOf = ({ id }: Asker, call: CallContext, scope: Namespace['scope']): Namespace => {
  if (scope === 'plugin') return { plugin: id, scope, owner: '' }
  if (scope === 'principal') return { plugin: id, scope, owner: call.principalId }
  if (call.conversationId !== undefined) return { plugin: id, scope, owner: call.conversationId }
  throw new PluginError('plugin.input-invalid', 'this turn belongs to no conversation, so it has no values')
}
