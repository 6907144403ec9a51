import type { CallInfo, Plugin } from '@covent/plugin-sdk'
import type { BrokerRequests } from './broker-requests.ts'
import type { Connection } from './connection.ts'
import { emitter } from './context/emitter.ts'
import { optionalFacets, requiredFacets } from './facets/facets.ts'
import { measures } from './context/measures.ts'
import { serviceClients } from './context/service-clients.ts'

interface CallScope {
  readonly id: number
  readonly call: CallInfo
  readonly signal: AbortSignal
}

interface Sources {
  readonly plugin: Plugin
  /** The plugin's settings, parsed. */
  readonly config: unknown
  /** Names of the services that are there. */
  readonly services: ReadonlySet<string>
  /** What is granted at this moment. */
  grants(): ReadonlySet<string>
  readonly connection: Connection
  readonly broker: BrokerRequests
}

type Level = 'debug' | 'info' | 'warn' | 'error'

const logger = (connection: Connection) => {
  const at = (level: Level) => (message: unknown, fields?: object) =>
    connection.send({ kind: 'log', level, message: String(message).slice(0, 4_000), fields: { ...fields } })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** The `ctx` of one call: facets are those that were granted. A missing facet is comfort; the host refuses anyway. */
export const callContext = (
  sources: Sources,
  { id, call, signal }: CallScope,
): { readonly signal: AbortSignal } => {
  const { plugin, config, services, grants, connection, broker } = sources
  const { definition } = plugin
  const ask = (method: string, params: object) => broker.ask(id, method, params)
  const { required, optional } = definition.permissions ?? {}
  const context = {
    plugin: { id: definition.id, version: definition.version },
    call,
    config,
    services: serviceClients(definition.services, services, ask),
    log: logger(connection),
    metrics: measures(connection),
    signal,
    emit: emitter(definition, (params) => ask('events.emit', params)),
    progress: (text: unknown) =>
      connection.send({ kind: 'progress', id, text: String(text).slice(0, 16_000) }),
    request: (permission: string, { waitMs }: { readonly waitMs?: number } = {}) =>
      ask('permissions.request', { permission, waitMs }),
    get optional() {
      return optionalFacets(optional, grants(), ask)
    },
    ...requiredFacets(required, ask),
  }
  return context
}
