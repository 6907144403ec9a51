import {
  type ActionSpec,
  type AuditLog,
  type EventBus,
  type Invocation,
  PluginError,
  type PluginInfo,
  type PluginState,
} from '@covent/core'
import { announce, announceFailure } from './audit/announce.ts'
import { type LoadedPlugin, loadPlugin, type LoadOptions } from './load-plugin.ts'
import { channelsOf } from './channels/channel-info.ts'
import type { PluginChannels } from './channels/plugin-channels.ts'
import type { PluginWatch } from './monitor/plugin-watch.ts'
import { beginPlugin } from './parts/begin-plugin.ts'
import { configurePlugin, type LiveSettings } from './reload/configure-plugin.ts'
import { deliverEvents, type Delivery, type Handover, nothingLeft } from './parts/deliver-events.ts'
import { invokeAction, type InvokeOptions } from './parts/invoke-action.ts'
import type { ServiceDirectory } from './parts/service-directory.ts'
import type { Neighbour } from './parts/service-needs.ts'
import { complaintOf, type HealthWatch, watchHealth } from './parts/watch-health.ts'
import { drained, endPlugin } from './reload/end-plugin.ts'
import { type Running, type Supervisor, supervisor } from './supervisor.ts'

/** One plugin: its state, its process, and the way to call it. */
export interface ManagedPlugin {
  info(): PluginInfo
  /** Its actions, while it is ready. */
  actions(): readonly ActionSpec[]
  invoke(invocation: Invocation, options: InvokeOptions): Promise<unknown>
  /** Begins; the result shows in `info`. */
  start(): void
  /** What runs of it, while it is ready. */
  running(): LoadedPlugin | undefined
  /** As others see it who need its services; absent where it never runs. */
  readonly neighbour?: Neighbour
  /** Sees what it does. */
  readonly watch: PluginWatch
  /** Resolves when it is first ready, or known not to be. */
  readonly settled: Promise<void>
  /** Whether its operator keeps it stopped. */
  readonly isDisabled: boolean
  /** Lets the events of the server reach it, first those that another left. */
  open(left: Handover): void
  /** No event reaches it any more; calls still do. */
  close(): Handover
  /** Puts an operator's decisions in force before its next request; false where nothing of that artifact is ready. */
  decide: LoadedPlugin['decide']
  /** Hands it other settings; `restart` where it has to be put in its place anew. Throws `plugin.invalid` for wrong ones. */
  configure(settings: unknown): Promise<'applied' | 'restart'>
  /** Stops it when its calls have ended, after `drainMs` at the latest. */
  retire(reason: string, drainMs: number): Promise<void>
  stop(reason?: string): Promise<void>
}

/** What is asked of a plugin that is to take the place of another. */
export interface Trial {
  /** The id that it must have. */
  readonly id: string
  /** Hears that it crashed or is not well. */
  ill(error: PluginError): void
}

export interface ManagedOptions extends Omit<LoadOptions, 'known' | 'signal' | 'logger'> {
  readonly directory: ServiceDirectory
  readonly channels: PluginChannels
  readonly events: Pick<EventBus, 'emit' | 'on'>
  readonly watch: PluginWatch
  readonly audit: Pick<AuditLog, 'note'>
  readonly settings: Pick<LiveSettings, 'of'>
  random(): number
  /** Where it has to show first that it runs and is well: no event reaches it until `open`. */
  readonly trial?: Trial | undefined
  /** Runs the start, when its turn comes. */
  gate<T>(work: () => Promise<T>): Promise<T>
}

interface Managed extends ManagedOptions, Pick<LoadOptions, 'logger'> {
  readonly settled: PromiseWithResolvers<void>
  readonly described: PromiseWithResolvers<void>
  /** Ends a start that is under way. */
  readonly starting: AbortController
  state: PluginState
  reason: string | undefined
  running: LoadedPlugin | undefined
  /** As it last ran: its name and manifest outlive its process. */
  last: LoadedPlugin | undefined
  /** Absent where no event may reach it. */
  left: Handover | undefined
  delivery: Delivery | undefined
}

const idOf = ({ last, source }: Managed): string => last?.manifest.id ?? source.name

const enter = (plugin: Managed, state: PluginState): void => {
  plugin.state = state
  plugin.reason = undefined
  if (state !== 'ready' && state !== 'degraded') plugin.running = undefined
}

const fail = (plugin: Managed, state: PluginState, error: PluginError): void => {
  enter(plugin, state)
  plugin.reason = error.message
  plugin.watch.failed({ code: error.code, message: error.message }, state !== 'refused')
  announceFailure(plugin, { plugin: idOf(plugin), state, error })
  plugin.trial?.ill(error)
  plugin.described.resolve()
  plugin.settled.resolve()
}

/** A complaint degrades the plugin until the next check without one. */
const healthWatch = (plugin: Managed, loaded: LoadedPlugin): HealthWatch => ({
  clock: plugin.clock,
  intervalMs: plugin.config.healthIntervalMs,
  channels: plugin.channels,
  tell(complaint) {
    if (plugin.running !== loaded || plugin.reason === complaint) return
    enter(plugin, complaint === undefined ? 'ready' : 'degraded')
    plugin.reason = complaint
    if (complaint !== undefined) plugin.trial?.ill(unwell(plugin, complaint))
  },
})

const unwell = (plugin: Managed, complaint: string): PluginError =>
  new PluginError('plugin.unavailable', `${idOf(plugin)} is not well: ${complaint}`)

const checkWell = async (plugin: Managed, loaded: LoadedPlugin): Promise<void> => {
  const complaint = await complaintOf(loaded, plugin.clock)
  if (complaint !== undefined) throw unwell(plugin, complaint)
}

/** Announces what runs, lets events reach it and opens its channels, once those of the version before are closed. */
const openTo = (plugin: Managed, loaded: LoadedPlugin): void => {
  announce(plugin, loaded, plugin.source.trust)
  plugin.delivery = deliverEvents(loaded, plugin, plugin.left)
  void (plugin.left?.done ?? Promise.resolve()).then(() => plugin.channels.attach(loaded))
  plugin.left = nothingLeft
}

const close = (plugin: Managed): Handover => {
  const left = plugin.delivery?.end() ?? plugin.left ?? nothingLeft
  plugin.left = undefined
  plugin.delivery = undefined
  if (plugin.running === undefined) return left
  const closed = plugin.channels.detach(plugin.running)
  return { ...left, done: Promise.all([left.done, closed]).then(() => {}) }
}

/** Waits for what it needs, hands it its settings and runs `onLoad`. */
const begin = async (plugin: Managed, loaded: LoadedPlugin): Promise<void> => {
  const { directory, settings, clock, source } = plugin
  try {
    if (plugin.trial !== undefined) directory.checkSuccessor(loaded.manifest)
    const services = await directory.ready(loaded.manifest, source.trust)
    await beginPlugin(loaded, { settings: settings.of(loaded.manifest.id), services }, clock)
    if (plugin.left === undefined) await checkWell(plugin, loaded)
  } catch (error) {
    loaded.sandbox.kill(new PluginError('plugin.invalid', `${idOf(plugin)} was not begun`))
    throw error
  }
}

const launch = async (plugin: Managed): Promise<Running> => {
  const { starting, last, watch, clock } = plugin
  enter(plugin, 'starting')
  const broker = watch.broker(plugin.broker)
  const load = async () => {
    const startedAt = clock.monotonic()
    const options = { ...plugin, broker, known: last?.manifest, signal: starting.signal }
    return watch.begun(await loadPlugin(options), startedAt)
  }
  const loaded = await plugin.gate(load)
  plugin.last = loaded
  plugin.described.resolve()
  await begin(plugin, loaded)
  plugin.running = loaded
  enter(plugin, 'ready')
  watch.ready()
  if (plugin.left !== undefined) openTo(plugin, loaded)
  void watchHealth(loaded, healthWatch(plugin, loaded))
  plugin.settled.resolve()
  return loaded.sandbox
}

const keep = (plugin: Managed): Supervisor =>
  supervisor({
    name: plugin.source.name,
    clock: plugin.clock,
    random: plugin.random,
    launch: () => launch(plugin),
    onCrash: (error) => fail(plugin, 'starting', error),
    onRefusal: (error) => fail(plugin, 'refused', error),
    onQuarantine: (error) => fail(plugin, 'quarantined', error),
  })

const absent = (plugin: Managed): PluginError => {
  const { state, reason } = plugin
  const why = reason === undefined ? '' : `: ${reason}`
  const code = state === 'quarantined' ? 'plugin.quarantined' : 'plugin.unavailable'
  return new PluginError(code, `${idOf(plugin)} is ${state}${why}`)
}

const invoke = async (plugin: Managed, invocation: Invocation, options: InvokeOptions): Promise<unknown> => {
  if (plugin.last === undefined && plugin.state === 'starting') await plugin.settled.promise
  if (plugin.running === undefined) throw absent(plugin)
  return invokeAction(plugin.running, invocation, { ...options, services: plugin })
}

const unload = async (plugin: Managed, reason: string): Promise<void> => {
  const { running } = plugin
  if (running === undefined) return plugin.starting.abort()
  enter(plugin, 'draining')
  await plugin.channels.detach(running)
  await endPlugin(running, plugin.clock)
  const { id, version } = running.manifest
  plugin.events.emit('plugin.unloaded', { plugin: id, version, reason })
}

const infoOf = (plugin: Managed): PluginInfo => ({
  id: idOf(plugin),
  version: plugin.last?.manifest.version ?? plugin.source.version ?? '',
  ...plugin.watch.shown(plugin),
  isolation: plugin.running?.level ?? 'unavailable',
  trust: plugin.source.trust,
  grants: [...(plugin.last?.grants ?? [])],
  actions: [...(plugin.last?.actions.keys() ?? [])],
  ...channelsOf(plugin.last?.manifest),
})

const neighbourOf = (plugin: Managed): Neighbour => ({
  trust: plugin.source.trust,
  manifest: () => plugin.last?.manifest,
  state: () => plugin.state,
  running: () => plugin.running,
  described: plugin.described.promise,
  settled: plugin.settled.promise,
})

export const managedPlugin = (options: ManagedOptions): ManagedPlugin => {
  const plugin: Managed = {
    ...options,
    logger: options.watch.logger,
    settled: Promise.withResolvers(),
    described: Promise.withResolvers(),
    starting: new AbortController(),
    state: 'starting',
    reason: undefined,
    running: undefined,
    last: undefined,
    left: options.trial === undefined ? nothingLeft : undefined,
    delivery: undefined,
  }
  const keeper = keep(plugin)
  let work: Promise<void> | undefined
  let stopped: Promise<void> | undefined
  const stop = async (reason: string): Promise<void> => {
    keeper.halt()
    await unload(plugin, reason)
    await work
    if (plugin.state !== 'refused' && plugin.state !== 'quarantined') enter(plugin, 'stopped')
    plugin.described.resolve()
    plugin.settled.resolve()
  }
  return {
    isDisabled: false,
    settled: plugin.settled.promise,
    neighbour: neighbourOf(plugin),
    watch: plugin.watch,
    info: () => infoOf(plugin),
    running: () => plugin.running,
    actions: () => [...(plugin.running?.actions.values() ?? [])].map(({ spec }) => spec),
    invoke: (invocation, invokeOptions) => invoke(plugin, invocation, invokeOptions),
    start() {
      work = keeper.run()
    },
    open(left) {
      plugin.left = left
      if (plugin.running !== undefined) openTo(plugin, plugin.running)
    },
    close: () => close(plugin),
    decide: (digest, decisions) => plugin.running?.decide(digest, decisions) ?? false,
    configure: async (settings) =>
      plugin.running === undefined ? 'restart' : configurePlugin(plugin.running, settings, plugin.clock),
    async retire(reason, drainMs) {
      keeper.halt()
      if (plugin.running !== undefined) await drained(plugin.running, plugin.clock, drainMs)
      await (stopped ??= stop(reason))
    },
    stop: (reason = 'the server stops') => (stopped ??= stop(reason)),
  }
}
