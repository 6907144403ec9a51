import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type AuditEntry,
  type AuditLog,
  type CallContext,
  type Clock,
  type EventBus,
  type EventMap,
  type HealthCheck,
  type KeyValueStore,
  type Logger,
  noMetrics,
  type PluginStore,
  silentLogger,
  systemClock,
} from '@covent/core'
import { temporaryFolder } from '@covent/testing'
import { onTestFinished } from 'vitest'
import { isolationConfig, pluginsConfig } from '../src/config.ts'
import {
  type BundledPlugin,
  pluginHost,
  type PluginHostService,
  type PluginHostServices,
} from '../src/index.ts'
import { memoryKeyValues } from '../src/testing/memory-key-values.ts'
import { memoryPlugins } from './memory-plugins.ts'

export interface Started {
  readonly host: PluginHostService
  readonly home: string
  readonly bus: Bus
  readonly events: readonly { readonly type: string; readonly payload: EventMap[keyof EventMap] }[]
  readonly health: HealthCheck
  /** Recorded and noted entries, in order. */
  readonly audited: readonly AuditEntry[]
  call(plugin: string, action: string, input?: unknown, call?: Partial<CallContext>): Promise<unknown>
  /** The code of the error with which a call ends. */
  refusal(
    plugin: string,
    action: string,
    input?: unknown,
    call?: Partial<CallContext>,
  ): Promise<string | undefined>
}

export interface StartOptions {
  readonly plugins?: object
  readonly isolation?: object
  readonly bundled?: readonly BundledPlugin[]
  /** Folder name → source of `plugin.mjs`. */
  readonly installed?: Readonly<Record<string, string>>
  readonly keyValues?: KeyValueStore
  /** What was installed before. */
  readonly records?: PluginStore
  readonly home?: string
  /** Whether the audit keeps what it is given. */
  readonly auditIsFull?: boolean
  /** Whether it ever answers to what it is to keep. */
  readonly auditHangs?: boolean
  readonly logger?: Logger
  readonly allowActions?: readonly string[]
  readonly rereadSettings?: () => Promise<Readonly<Record<string, Record<string, unknown>>>>
  readonly clock?: Clock
  readonly wayOut?: PluginHostServices['wayOut']
  readonly mind?: PluginHostServices['mind']
  readonly metrics?: PluginHostServices['metrics']
}

export const example = (name: string): BundledPlugin => ({
  name,
  url: new URL(`../../../examples/plugins/${name}/plugin.ts`, import.meta.url),
})

/** A plugin of the server's own, from its source. */
export const bundle = (name: string, source: string): BundledPlugin => {
  const path = join(temporaryFolder(), `${name}.mjs`)
  writeFileSync(path, source)
  return { name, url: pathToFileURL(path) }
}

const install = (home: string, plugins: Readonly<Record<string, string>>): void => {
  for (const [name, source] of Object.entries(plugins)) {
    mkdirSync(join(home, 'plugins', name), { recursive: true })
    writeFileSync(join(home, 'plugins', name, 'plugin.mjs'), source)
  }
}

type Bus = Pick<EventBus, 'emit' | 'on'>

/** A bus that remembers what was emitted. */
export const recordingBus = (events: { type: string; payload: EventMap[keyof EventMap] }[]): Bus => {
  const handlers = new Set<{ readonly type: string; readonly handler: (payload: never) => unknown }>()
  return {
    emit(type, payload) {
      events.push({ type, payload })
      for (const one of handlers) if (one.type === type) one.handler(payload as never)
    },
    on(type: string, handler: (payload: never) => unknown) {
      const one = { type, handler }
      handlers.add(one)
      return { [Symbol.dispose]: () => void handlers.delete(one) }
    },
  }
}

const recordingAudit = (audited: AuditEntry[], { auditIsFull, auditHangs }: StartOptions): AuditLog => ({
  note: (entry) => void audited.push(entry),
  async record(entry) {
    if (auditHangs === true) await new Promise(() => {})
    if (auditIsFull === true) throw new Error('the audit is full')
    audited.push(entry)
  },
  list: () => Promise.reject(new Error('nobody asks')),
})

/** Starts a host with real sandboxes, and waits until its plugins have settled. */
export const startHost = async (options: StartOptions = {}): Promise<Started> => {
  const { home = temporaryFolder(), records = memoryPlugins(), allowActions = [] } = options
  install(home, options.installed ?? {})
  const events: { type: string; payload: EventMap[keyof EventMap] }[] = []
  const checks: HealthCheck[] = []
  const audited: AuditEntry[] = []
  const bus = recordingBus(events)
  const host = pluginHost(
    {
      ...pluginsConfig.parse(options.plugins ?? {}),
      isolation: isolationConfig.parse({ warm: 0, ...options.isolation }),
      home,
      bundled: options.bundled ?? [],
      allowActions,
      ...(options.rereadSettings && { rereadSettings: options.rereadSettings }),
    },
    {
      logger: options.logger ?? silentLogger,
      events: bus,
      stores: { keyValues: options.keyValues ?? memoryKeyValues(), plugins: records },
      clock: options.clock ?? systemClock,
      metrics: options.metrics ?? noMetrics,
      audit: recordingAudit(audited, options),
      context: { current: () => ({ principalId: 'olga' }) },
      ...(options.wayOut && { wayOut: options.wayOut }),
      ...(options.mind && { mind: options.mind }),
      health: { add: (check) => (checks.push(check), { [Symbol.dispose]() {} }) },
    },
  )
  onTestFinished(() => host.stop?.())
  await host.start?.()
  await host.settled()
  let calls = 0
  const call: Started['call'] = (...[plugin, action, input = {}, context = {}]) => {
    const base = { callId: `call_${calls++}`, turnId: 'turn_1', principalId: 'anna', character: 'default' }
    const invocation = { plugin, action, input, call: { ...base, ...context } }
    return host.invoke(invocation, { signal: new AbortController().signal })
  }
  const refusal: Started['refusal'] = (...args) =>
    call(...args).then(
      () => undefined,
      (error: unknown) => (error as { readonly code?: string }).code,
    )
  return { host, home, bus, events, health: checks[0]!, audited, call, refusal }
}

/** The source of a plugin with these actions, each given as the body of `run(input, ctx)`. */
export const pluginSource = (
  id: string,
  { actions, more = '' }: { readonly actions: Readonly<Record<string, string>>; readonly more?: string },
): string => `
import { definePlugin, z } from '@covent/plugin-sdk'
export default definePlugin({
  id: '${id}', version: '1.0.0', type: 'extension', description: 'Made for a test.', ${more}
  actions: {
    ${Object.entries(actions)
      .map(
        ([name, body]) => `${name}: { description: 'A test', effect: 'write', input: z.any(), output: z.any(),
      async run(input, ctx) { ${body} } },`,
      )
      .join('\n    ')}
  },
})`
