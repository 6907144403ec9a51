import {
  type ActionSpec,
  type Clock,
  type EventBus,
  type Invocation,
  type Metrics,
  PluginError,
  type PluginInfo,
  type PluginState,
} from '@covent/core'
import { type LoadedPlugin, loadPlugin, type LoadOptions } from './load-plugin.ts'
import { supervisor } from './supervisor.ts'

export interface InvokeOptions {
  readonly signal: AbortSignal
  readonly onProgress?: (text: string) => void
}

/** One plugin: its state, its process, and the way to call it. */
export interface ManagedPlugin {
  info(): PluginInfo
  /** Its actions, while it is ready. */
  actions(): readonly ActionSpec[]
  invoke(invocation: Invocation, options: InvokeOptions): Promise<unknown>
  /** Begins; the result shows in `info`. */
  start(): void
  /** Resolves when it is first ready, or known not to be. */
  readonly settled: Promise<void>
  stop(): Promise<void>
}

export interface ManagedOptions extends Omit<LoadOptions, 'known' | 'signal'> {
  readonly events: Pick<EventBus, 'emit'>
  readonly clock: Clock
  readonly metrics: Metrics
  random(): number
  /** Runs the start, when its turn comes. */
  gate<T>(work: () => Promise<T>): Promise<T>
}

const unloadMs = 5_000

export const managedPlugin = (options: ManagedOptions): ManagedPlugin => {
  const { source, config, clock, events, metrics, logger } = options
  const settled = Promise.withResolvers<void>()
  let state: PluginState = 'starting'
  let reason: string | undefined
  let running: LoadedPlugin | undefined
  let last: LoadedPlugin | undefined
  let work: Promise<void> | undefined
  const starting = new AbortController()

  const id = (): string => last?.manifest.id ?? source.name

  const enter = (next: PluginState, error?: PluginError): void => {
    state = next
    reason = error?.message
    if (next !== 'ready') running = undefined
    if (error === undefined) return
    events.emit('plugin.failed', { plugin: id(), error: { code: error.code, message: error.message } })
    logger.warn('plugin failed', { plugin: id(), state: next, code: error.code, reason })
  }
  const announce = ({ manifest, grants, level }: LoadedPlugin): void => {
    const required = Object.keys(manifest.permissions.required)
    for (const permission of required.filter((name) => !grants.has(name)))
      events.emit('plugin.permission-requested', { plugin: manifest.id, permission })
    events.emit('plugin.loaded', { plugin: manifest.id, version: manifest.version, isolation: level })
  }
  const launch = async () => {
    state = 'starting'
    const loaded = await options.gate(() =>
      loadPlugin({ ...options, known: last?.manifest, signal: starting.signal }),
    )
    running = last = loaded
    enter('ready')
    announce(loaded)
    settled.resolve()
    return loaded.sandbox
  }
  const fail = (next: PluginState) => (error: PluginError) => {
    enter(next, error)
    settled.resolve()
  }
  const keeper = supervisor({
    name: source.name,
    clock,
    random: options.random,
    launch,
    onCrash(error) {
      metrics.count('plugin_crashes_total', 1, { plugin: id() })
      fail('starting')(error)
    },
    onRefusal: fail('refused'),
    onQuarantine: fail('quarantined'),
  })

  const absent = (): PluginError => {
    if (state === 'quarantined') return new PluginError('plugin.quarantined', `${id()}: ${reason}`)
    return new PluginError(
      'plugin.unavailable',
      `${id()} is ${state}${reason === undefined ? '' : `: ${reason}`}`,
    )
  }
  const measure = async <T>(action: string, call: () => Promise<T>): Promise<T> => {
    const startedAt = clock.monotonic()
    const labels = { plugin: id(), action }
    try {
      const result = await call()
      metrics.count('plugin_calls_total', 1, { ...labels, outcome: 'completed' })
      return result
    } catch (error) {
      metrics.count('plugin_calls_total', 1, { ...labels, outcome: 'failed' })
      throw error
    } finally {
      metrics.observe('plugin_call_duration_ms', clock.monotonic() - startedAt, labels)
    }
  }

  return {
    settled: settled.promise,
    info: () => ({
      id: id(),
      version: last?.manifest.version ?? '',
      state,
      isolation: running?.level ?? 'unavailable',
      trust: source.trust,
      grants: [...(last?.grants ?? [])],
      ...(reason !== undefined && { reason }),
      actions: [...(last?.actions.keys() ?? [])],
    }),
    actions: () => [...(running?.actions.values() ?? [])].map(({ spec }) => spec),
    async invoke({ action, input, call }, { signal, onProgress }) {
      if (last === undefined && state === 'starting') await settled.promise
      if (running === undefined) throw absent()
      const { actions, sandbox, manifest } = running
      const found = actions.get(action)
      if (found === undefined) throw new PluginError('plugin.not-found', `${id()} has no action ${action}`)
      found.checkInput(input)
      const timeoutMs = Math.min(manifest.limits.callTimeoutMs, config.callTimeoutMs)
      const output = await measure(action, () =>
        sandbox.call(action, input, { context: call, timeoutMs, signal, onProgress }),
      )
      return found.parseOutput(output)
    },
    start() {
      work = keeper.run()
    },
    async stop() {
      keeper.halt()
      const loaded = running
      if (loaded === undefined) starting.abort()
      if (loaded !== undefined) {
        enter('draining')
        await loaded.sandbox.stop(unloadMs)
        const { id: plugin, version } = loaded.manifest
        events.emit('plugin.unloaded', { plugin, version, reason: 'the server stops' })
      }
      await work
      if (state !== 'refused' && state !== 'quarantined') enter('stopped')
      settled.resolve()
    },
  }
}
