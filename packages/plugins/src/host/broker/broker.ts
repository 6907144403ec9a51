import { type Clock, type EventBus, type KeyValueStore, PluginError } from '@covent/core'
import type { BrokerRequest } from '../../drivers/isolation-driver.ts'
import { dnsMethods } from './broker-dns.ts'
import { httpMethods, type WayOut } from './broker-http.ts'
import { keyValueMethods } from './broker-key-values.ts'
import type { Asker, BrokerMethod } from './broker-method.ts'
import { denials } from './denials.ts'
import { fileMethods } from './files/file-methods.ts'
import type { FileStores } from './files/file-stores.ts'
import type { NetworkSettings } from './network-policy.ts'

export interface BrokerOptions {
  readonly keyValues: KeyValueStore
  readonly events: Pick<EventBus, 'emit'>
  readonly clock: Clock
  /** Without it no plugin reaches the network. */
  readonly wayOut?: WayOut | undefined
  readonly settings: NetworkSettings
  /** Without it no plugin reaches a file. */
  readonly files?: FileStores | undefined
}

/** Answers a plugin's requests; the one way by which it reaches anything. */
export type Broker = (asker: Asker, request: BrokerRequest) => Promise<unknown>

export const pluginBroker = (options: BrokerOptions): Broker => {
  const { keyValues, events, clock, wayOut, settings, files } = options
  const deny = denials(events)
  const methods: ReadonlyMap<string, BrokerMethod> = new Map(
    Object.entries({
      ...keyValueMethods(keyValues, clock),
      ...(wayOut && httpMethods({ ...wayOut, settings, deny })),
      ...(wayOut && dnsMethods({ ...wayOut, settings, deny })),
      ...(files && fileMethods({ stores: files, deny })),
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
