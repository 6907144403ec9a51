import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type EventMap, type Logger, noAudit, noMetrics, type PluginInfo, silentLogger } from '@covent/core'
import type { Plugin } from '@covent/plugin-sdk'
import {
  aCall,
  type LogLine,
  type SentRequest,
  type TestBench,
  type TestCaller,
  type TestHostOptions,
} from '@covent/plugin-sdk/testing'
import { isolationConfig, pluginsConfig } from '../config.ts'
import { pluginHost, type PluginHostServices } from '../host/plugin-host.ts'
import { readPackage } from '../package/plugin-package.ts'
import { fixtureEgress } from './fixture-egress.ts'
import { fixtureMind } from './fixture-mind.ts'
import { memoryKeyValues } from './memory-key-values.ts'
import { skippingClock } from './skipping-clock.ts'

type Events = PluginHostServices['events']

const recordingEvents = (emitted: { name: string; payload: unknown }[]): Events => {
  const handlers = new Set<{ readonly name: string; handle(payload: never): unknown }>()
  return {
    emit(name, payload) {
      if (name === 'plugin.event') emitted.push(payload as EventMap['plugin.event'])
      for (const one of handlers) if (one.name === name) one.handle(payload as never)
    },
    on(name: string, handle: (payload: never) => unknown) {
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

/** A package brings what its plugin imports; of a source file only that file is taken. */
const layOut = async (file: string | URL): Promise<string> => {
  const path = fileURLToPath(file)
  const kind = extname(path)
  const packed = kind === '.tgz' ? await readPackage(await readFile(path)) : undefined
  const home = await mkdtemp(join(tmpdir(), 'covent-test-host-'))
  const folder = join(home, 'plugins', basename(path, kind))
  await mkdir(folder, { recursive: true })
  if (packed === undefined) await cp(path, join(folder, kind === '.ts' ? 'plugin.ts' : 'plugin.mjs'))
  else await writeFile(join(folder, 'plugin.mjs'), packed.text)
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

const secretsOf = (values: Readonly<Record<string, string>>) => ({
  get: async (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined),
})

const hostFor = ({ definition }: Plugin, options: TestHostOptions, home: string) => {
  const { grants = Object.keys(definition.permissions?.required ?? {}), config, isolation = {} } = options
  const { http = {}, secrets = {}, environment = {} } = options
  const memories = [...(options.memories ?? [])]
  const { id } = definition
  const clock = skippingClock()
  const requests: SentRequest[] = []
  const emitted: { name: string; payload: unknown }[] = []
  const logged: LogLine[] = []
  const events = recordingEvents(emitted)
  const settings = pluginsConfig.parse({
    allowUnsigned: true,
    grants: { [id]: [...grants] },
    config: config === undefined ? {} : { [id]: config },
    secrets: { [id]: Object.keys(secrets) },
  })
  const host = pluginHost(
    { ...settings, isolation: isolationConfig.parse(isolation), home, bundled: [], environment },
    {
      logger: recordingLogger(logged),
      events,
      stores: stores(),
      clock,
      metrics: noMetrics,
      audit: noAudit,
      health: { add: () => ({ [Symbol.dispose]() {} }) },
      mind: fixtureMind(memories, options.ai),
      wayOut: { egress: fixtureEgress(http, requests), secrets: secretsOf(secrets) },
    },
  )
  return { host, events, clock, seen: { emitted, logged, requests, memories } }
}

/** The sandbox behind `testHost` of `@covent/plugin-sdk/testing`. */
export const testBench: TestBench['testBench'] = async (plugin, options) => {
  const home = await layOut(options.file)
  const { host, events, clock, seen } = hostFor(plugin, options, home)
  const { signal } = new AbortController()
  let turns = 0
  const turn = (caller: TestCaller = {}) => aCall({ turnId: `turn_${turns++}`, ...caller })
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
    clock,
    ...seen,
    info,
    [Symbol.asyncDispose]: end,
  }
}
