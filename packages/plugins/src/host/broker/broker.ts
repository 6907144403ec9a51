import { type CallContext, type Clock, type EventBus, type KeyValueStore, PluginError } from '@covent/core'
import type { PluginPermission } from '@covent/plugin-sdk'
import type { BrokerRequest } from '../../drivers/isolation-driver.ts'
import { keyValueMethods } from './broker-key-values.ts'
import type { Asker, BrokerMethod } from './broker-method.ts'

export interface BrokerOptions {
  readonly keyValues: KeyValueStore
  readonly events: Pick<EventBus, 'emit'>
  readonly clock: Clock
}

/** Answers a plugin's requests; the one way by which it reaches anything. */
export type Broker = (asker: Asker, request: BrokerRequest) => Promise<unknown>

const denial = ({ id, trust }: Asker, permission: PluginPermission): PluginError => {
  const declare = `"${permission}": { "reason": "…" } under permissions.required of its manifest`
  const grant = trust === 'first-party' ? '' : `, and "${permission}" in the setting plugins.grants["${id}"]`
  return new PluginError(
    'plugin.permission-denied',
    `${id} may not use ${permission}; it takes ${declare}${grant}`,
  )
}

export const pluginBroker = ({ keyValues, events, clock }: BrokerOptions): Broker => {
  const methods: ReadonlyMap<string, BrokerMethod> = new Map(
    Object.entries(keyValueMethods(keyValues, clock)),
  )
  // One event for each call, however often it tries.
  const told = new WeakSet<CallContext>()
  return async (asker, { call, n, method, params }) => {
    const found = methods.get(method)
    if (found === undefined) throw new PluginError('plugin.input-invalid', 'the host offers no such thing')
    if (!asker.grants.has(found.permission)) {
      if (!told.has(call))
        events.emit('plugin.permission-denied', {
          plugin: asker.id,
          permission: found.permission,
          target: method,
        })
      told.add(call)
      throw denial(asker, found.permission)
    }
    return found.run({ asker, call, operationId: `${call.callId}:${n}`, params })
  }
}
