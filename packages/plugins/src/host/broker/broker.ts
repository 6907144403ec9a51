import {
  type AuditLog,
  type Clock,
  type EventBus,
  type KeyValueStore,
  type Metrics,
  PluginError,
} from '@covent/core'
import type { PluginsConfig } from '../../config.ts'
import type { BrokerRequest } from '../../drivers/isolation-driver.ts'
import { brokeredLine, type Ended } from '../audit/brokered-line.ts'
import type { Mind } from './ai/mind.ts'
import { mindMethods } from './ai/mind-methods.ts'
import { dnsMethods } from './broker-dns.ts'
import { httpMethods, type WayOut } from './broker-http.ts'
import { keyValueMethods } from './broker-key-values.ts'
import type { Asker, BrokerMethod, MethodRequest, Wanted } from './broker-method.ts'
import { type Deny, denials } from './denials.ts'
import { fileMethods } from './files/file-methods.ts'
import type { FileStores } from './files/file-stores.ts'
import type { NetworkSettings, SecretUse } from './network-policy.ts'
import { programMethods } from './programs/program-methods.ts'
import type { RunProgram } from './programs/run-program.ts'
import { socketMethods } from './sockets/socket-methods.ts'
import { valueMethods, type ValueMethodsOptions } from './values/value-methods.ts'

export interface BrokerOptions {
  readonly keyValues: KeyValueStore
  readonly events: Pick<EventBus, 'emit'>
  readonly clock: Clock
  readonly audit: Pick<AuditLog, 'note'>
  readonly metrics: Pick<Metrics, 'count'>
  /** Without it no plugin reaches the network. */
  readonly wayOut?: WayOut | undefined
  readonly settings: NetworkSettings & Pick<PluginsConfig, 'programs'>
  /** The server's environment, of which plugins read what was granted; nothing, when absent. */
  readonly environment?: ValueMethodsOptions['environment'] | undefined
  /** Without it no plugin reaches a file. */
  readonly files?: FileStores | undefined
  /** Without it no plugin asks a model, and none remembers. */
  readonly mind?: Mind | undefined
  /** Throws `limit.exceeded` for a plugin that asks too often. */
  count?(plugin: string): Promise<void> | undefined
  /** Without it no plugin runs a program. */
  readonly runProgram?: RunProgram | undefined
}

/** Answers a plugin's requests; the one way by which it reaches anything. */
export type Broker = (asker: Asker, request: BrokerRequest) => Promise<unknown>

const perform = (
  found: BrokerMethod | undefined,
  wanted: Wanted | undefined,
  request: MethodRequest,
): Promise<unknown> => {
  if (found === undefined) throw new PluginError('plugin.input-invalid', 'the host offers no such thing')
  const { asker, method, deny } = request
  if (found.permission === undefined) return found.run(request)
  const needed = wanted ?? { permission: found.permission, target: method }
  if (!asker.grants.has(needed.permission)) throw deny(needed)
  return found.run(request)
}

const noMask = { hide() {} }

/** All that the broker offers to every plugin, by name. */
export const brokerMethods = (options: BrokerOptions, deny: Deny): ReadonlyMap<string, BrokerMethod> => {
  const { keyValues, clock, audit, wayOut, settings, files, runProgram, mind } = options
  const mask = wayOut?.mask ?? noMask
  const used: SecretUse = (plugin, name, value) => {
    mask.hide(value)
    audit.note({
      actor: { kind: 'plugin', id: plugin },
      action: 'secret.use',
      target: name,
      outcome: 'allowed',
    })
  }
  const environment = options.environment ?? {}
  return new Map(
    Object.entries({
      ...keyValueMethods(keyValues, clock),
      ...(wayOut && httpMethods({ ...wayOut, settings, used, deny })),
      ...(wayOut && dnsMethods({ ...wayOut, settings, deny })),
      ...(wayOut && socketMethods({ ...wayOut, settings, used })),
      ...(wayOut && valueMethods({ secrets: wayOut.secrets, mask, settings, environment })),
      ...(files && fileMethods(files)),
      ...(mind && mindMethods(mind)),
      ...(files && runProgram && programMethods({ programs: settings.programs, run: runProgram, files })),
    }),
  )
}

export const pluginBroker = (options: BrokerOptions): Broker => {
  const { events, audit, metrics } = options
  const denyFor = denials(events)
  const methods = brokerMethods(options, denyFor)
  const tell = (asker: Asker, request: BrokerRequest, ended: Ended): void => {
    const line = brokeredLine(asker, request, ended)
    audit.note(line)
    if (line.outcome === 'denied')
      metrics.count('plugin_requests_denied_total', 1, { plugin: asker.id, method: ended.method })
  }
  return async (asker, request) => {
    const { call, n, method, params, signal } = request
    const found = methods.get(method) ?? asker.own?.get(method)
    const ended = { method: found === undefined ? 'broker.call' : method, target: '' }
    try {
      const wanted = found?.wanted?.(params)
      ended.target = wanted?.target ?? ''
      const deny = (refused: Wanted) => denyFor(asker, call, refused)
      const wish = { asker, call, operationId: `${call.callId}:${n}`, method, params, deny, signal }
      const counting = options.count?.(asker.id)
      if (counting !== undefined) await counting
      const value = await perform(found, wanted, wish)
      tell(asker, request, ended)
      return value
    } catch (error) {
      tell(asker, request, { ...ended, error })
      throw error
    }
  }
}
