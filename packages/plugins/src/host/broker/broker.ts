import { type Clock, type EventBus, type KeyValueStore, PluginError } from '@covent/core'
import type { BrokerRequest } from '../../drivers/isolation-driver.ts'
import { dnsMethods } from './broker-dns.ts'
import { httpMethods, type WayOut } from './broker-http.ts'
import { keyValueMethods } from './broker-key-values.ts'
import type { Asker, BrokerMethod } from './broker-method.ts'
import { denials } from './denials.ts'
import type { NetworkSettings } from './network-policy.ts'

export interface BrokerOptions {
  readonly keyValues: KeyValueStore
  readonly events: Pick<EventBus, 'emit'>
  readonly clock: Clock
  /** Without it no plugin reaches the network. */
  readonly wayOut?: WayOut | undefined
  readonly settings: NetworkSettings
}

/** Answers a plugin's requests; the one way by which it reaches anything. */
export type Broker = (asker: Asker, request: BrokerRequest) => Promise<unknown>

export const pluginBroker = ({ keyValues, events, clock, wayOut, settings }: BrokerOptions): Broker => {
  const deny = denials(events)
  const methods: ReadonlyMap<string, BrokerMethod> = new Map(
    Object.entries({
      ...keyValueMethods(keyValues, clock),
      ...(wayOut && httpMethods({ ...wayOut, settings, deny })),
      ...(wayOut && dnsMethods({ ...wayOut, settings, deny })),
    }),
  )
  return async (asker, { call, n, method, params }) => {
    const found = methods.get(method)
    if (found === undefined) throw new PluginError('plugin.input-invalid', 'the host offers no such thing')
    const wanted = found.wanted?.(params) ?? { permission: found.permission, target: method }
    if (!asker.grants.has(wanted.permission)) throw deny(asker, call, wanted)
    return found.run({ asker, call, operationId: `${call.callId}:${n}`, params })
  }
}
