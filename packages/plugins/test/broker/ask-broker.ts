import type { CallContext } from '@covent/core'
import { noAudit, noMetrics, systemClock } from '@covent/core'
import { type Manifest, manifestSchema } from '@covent/plugin-sdk/manifest'
import { pluginsConfig } from '../../src/config.ts'
import type { Asker } from '../../src/host/broker/broker-method.ts'
import { type Broker, type BrokerOptions, pluginBroker } from '../../src/host/broker/broker.ts'
import { memoryKeyValues } from '../../src/testing/memory-key-values.ts'

export interface AskOptions extends Partial<BrokerOptions> {
  readonly id?: string
  /** Permissions without their reasons. */
  readonly permissions?: Readonly<Record<string, object>>
  readonly limits?: object
  /** What is granted; all, when absent. */
  readonly grants?: readonly string[]
  /** Aborts when its call ends. */
  readonly signal?: AbortSignal
  /** Aborts when a permission is taken from it. */
  readonly withdrawn?: AbortSignal
}

export interface Asking {
  readonly asker: Asker
  /** Asks as the plugin would, past its SDK. */
  ask(method: string, params: unknown): Promise<unknown>
  /** The code and the message with which that is refused. */
  refusal(method: string, params: unknown): Promise<{ readonly code?: string; readonly message?: string }>
  readonly denials: readonly {
    readonly permission: string
    readonly target: string
    readonly allowedBy: string
  }[]
}

const manifestOf = ({ id = 'acme.asker', permissions = {}, limits = {} }: AskOptions): Manifest => {
  const required = Object.fromEntries(
    Object.entries(permissions).map(([name, scope]) => [name, { ...scope, reason: 'For a test' }]),
  )
  const base = { manifestVersion: 1, version: '1.0.0', type: 'extension', description: 'Made for a test.' }
  return manifestSchema.parse({ ...base, id, limits, permissions: { required } })
}

/** A plugin of somebody's before the broker, without its sandbox. */
export const askBroker = (options: AskOptions): Asking => {
  const manifest = manifestOf(options)
  const denials: Asking['denials'][number][] = []
  const broker: Broker = pluginBroker({
    keyValues: memoryKeyValues(),
    clock: systemClock,
    audit: noAudit,
    metrics: noMetrics,
    events: { emit: (_, payload) => void denials.push(payload as never) },
    settings: pluginsConfig.parse({}),
    ...options,
  })
  const asker: Asker = {
    id: manifest.id,
    trust: 'unverified',
    grants: new Set(options.grants ?? Object.keys(manifest.permissions.required)),
    quotaBytes: manifest.limits.storageMb * 1_048_576,
    manifest,
    ...(options.withdrawn !== undefined && { withdrawn: options.withdrawn }),
  }
  const call: CallContext = { callId: 'call', turnId: 'turn', principalId: 'anna', character: 'default' }
  let n = 0
  const { signal = new AbortController().signal } = options
  const ask: Asking['ask'] = (method, params) => broker(asker, { call, n: n++, method, params, signal })
  const refusal: Asking['refusal'] = (...args) =>
    ask(...args).then(
      () => ({}),
      (error: unknown) => error as { readonly code?: string },
    )
  return { asker, ask, refusal, denials }
}
