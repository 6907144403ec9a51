import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type EventMap,
  type EventName,
  type Logger,
  noAudit,
  noMetrics,
  type PluginInfo,
  type PluginTurn,
  type Provided,
  silentLogger,
  systemClock,
} from '@covent/core'
import type { Plugin } from '@covent/plugin-sdk'
import { isolationConfig, pluginsConfig } from '../config.ts'
import { pluginHost, type PluginHostServices } from '../host/plugin-host.ts'
import { memoryKeyValues } from './memory-key-values.ts'

export interface TestHostOptions {
  /** URL of the file whose default export the plugin is. The file is what runs, in the sandbox. */
  readonly file: string | URL
  /** Permissions that are granted; what the plugin requires, when absent. */
  readonly grants?: readonly string[]
  readonly config?: Readonly<Record<string, unknown>>
  /** Settings under `isolation`. */
  readonly isolation?: Readonly<Record<string, unknown>>
}

/** On whose behalf, where it matters. */
export type TestCaller = Partial<Pick<PluginTurn, 'principalId' | 'conversationId' | 'character'>>

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
}

/** A plugin in a real sandbox, with memory for its values. It has no way to the network. */
export interface TestHost extends AsyncDisposable {
  /** Calls an action, as `anna` unless told. Rejects with a `PluginError`, as in the server. */
  call(action: string, input: unknown, caller?: TestCaller): Promise<unknown>
  /** What its providers add to a turn with that text. */
  provide(text: string, caller?: TestCaller): Promise<readonly Provided[]>
  /** Shows an answered turn to its evaluators, and waits for them. */
  evaluate(said: { readonly text: string; readonly reply: string }, caller?: TestCaller): Promise<void>
  /** Emits an event of the server. */
  emit<K extends EventName>(name: K, payload: EventMap[K]): void
  /** What the plugin has emitted. */
  readonly emitted: readonly { readonly name: string; readonly payload: unknown }[]
  /** What it has logged. */
  readonly logged: readonly LogLine[]
  info(): PluginInfo
}

type Events = PluginHostServices['events']

const recordingEvents = (emitted: { name: string; payload: unknown }[]): Events => {
  const handlers = new Set<{ readonly name: string; handle(payload: never): unknown }>()
  return {
    emit(name, payload) {
      if (name === 'plugin.event') emitted.push(payload as EventMap['plugin.event'])
      for (const one of handlers) if (one.name === name) one.handle(payload as never)
    },
    on(name, handle) {
      const one = { name, handle }
      handlers.add(one)
      return { [Symbol.dispose]: () => void handlers.delete(one) }
    },
  }
}

const recordingLogger = (logged: LogLine[]): Logger => {
  const at = (level: LogLine['level']) => (message: string) => void logged.push({ level, message })
  const lines: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => lines,
  }
  return { ...silentLogger, child: () => lines }
}

const layOut = async (file: string | URL): Promise<string> => {
  const path = fileURLToPath(file)
  const home = await mkdtemp(join(tmpdir(), 'covent-test-host-'))
  const folder = join(home, 'plugins', basename(path, extname(path)))
  await mkdir(folder, { recursive: true })
  await cp(path, join(folder, extname(path) === '.ts' ? 'plugin.ts' : 'plugin.mjs'))
  return home
}

const stores = (): PluginHostServices['stores'] => {
  const none = () => Promise.reject(new Error('a test host installs nothing'))
  return {
    keyValues: memoryKeyValues(),
    plugins: {
      list: async () => [],
      find: async () => undefined,
      grants: async () => [],
      kept: async () => [],
      pending: async () => [],
      keep: none,
      drop: none,
      put: none,
      remove: none,
      decide: none,
    },
  }
}

const hostFor = ({ definition }: Plugin, options: TestHostOptions, home: string) => {
  const { grants = Object.keys(definition.permissions?.required ?? {}), config, isolation = {} } = options
  const { id } = definition
  const emitted: { name: string; payload: unknown }[] = []
  const logged: LogLine[] = []
  const events = recordingEvents(emitted)
  const settings = pluginsConfig.parse({
    allowUnsigned: true,
    grants: { [id]: [...grants] },
    config: config === undefined ? {} : { [id]: config },
  })
  const host = pluginHost(
    { ...settings, isolation: isolationConfig.parse(isolation), home, bundled: [] },
    {
      logger: recordingLogger(logged),
      events,
      stores: stores(),
      clock: systemClock,
      metrics: noMetrics,
      audit: noAudit,
      health: { add: () => ({ [Symbol.dispose]() {} }) },
    },
  )
  return { host, events, emitted, logged }
}

/**
 * Runs a plugin as the server would run a stranger's: in a sandbox, with no more than was granted. Rejects where it
 * does not become ready, with the reason.
 */
export const testHost = async (plugin: Plugin, options: TestHostOptions): Promise<TestHost> => {
  const home = await layOut(options.file)
  const { host, events, emitted, logged } = hostFor(plugin, options, home)
  const { signal } = new AbortController()
  let turns = 0
  const turn = (caller: TestCaller = {}) => ({
    turnId: `turn_${turns++}`,
    principalId: 'anna',
    conversationId: 'conversation',
    character: 'assistant',
    ...caller,
  })
  const end = async (): Promise<void> => {
    await host.stop?.()
    await rm(home, { recursive: true, force: true })
  }
  await host.start?.()
  await host.settled()
  const info = (): PluginInfo => host.list()[0]!
  if (!['ready', 'degraded'].includes(info().state)) {
    const { id, state, reason } = info()
    await end()
    throw new Error(`${id} is ${state}: ${reason ?? 'no reason is known'}`)
  }
  return {
    call(action, input, caller) {
      const call = turn(caller)
      const invocation = {
        plugin: info().id,
        action,
        input,
        call: { ...call, callId: `call_${call.turnId}` },
      }
      return host.invoke(invocation, { signal })
    },
    provide: (text, caller) => host.provide({ ...turn(caller), text }, { signal }),
    evaluate: (said, caller) => host.evaluate({ ...turn(caller), ...said }),
    emit: (name, payload) => events.emit(name, payload),
    emitted,
    logged,
    info,
    [Symbol.asyncDispose]: end,
  }
}
