import { join } from 'node:path'
import {
  type Clock,
  type EventBus,
  type HealthRegistry,
  type Logger,
  type Metrics,
  PluginError,
  type PluginHost,
  type Service,
  type Stores,
} from '@covent/core'
import type { IsolationConfig, PluginsConfig } from '../config.ts'
import { processDriver } from '../drivers/process.ts'
import { weakProcessDriver } from '../drivers/process-weak.ts'
import type { WayOut } from './broker/broker-http.ts'
import { pluginBroker } from './broker/broker.ts'
import { type Isolation, isolation } from './isolation.ts'
import { evaluate, provide } from './parts/turn-parts.ts'
import { pluginHealth } from './plugin-health.ts'
import { type PluginRoster, pluginRoster } from './plugin-roster.ts'
import type { BundledPlugin } from './source/plugin-source.ts'

export interface PluginHostOptions extends PluginsConfig {
  readonly isolation: IsolationConfig
  /** Plugins of the operator stand in `<home>/plugins/<name>/`. */
  readonly home: string
  /** First-party plugins, which get what their manifests require. */
  readonly bundled: readonly BundledPlugin[]
}

export interface PluginHostServices {
  readonly logger: Logger
  readonly events: Pick<EventBus, 'emit' | 'on'>
  readonly stores: Pick<Stores, 'keyValues'>
  readonly clock: Clock
  readonly metrics: Metrics
  readonly health: Pick<HealthRegistry, 'add'>
  /** Without it no plugin reaches the network. */
  readonly wayOut?: WayOut
}

const startWaitMs = 3_000

const levelsOf = (
  { isolation: settings }: PluginHostOptions,
  { clock, logger }: PluginHostServices,
): Isolation =>
  isolation({
    process: processDriver(settings, clock),
    weak: weakProcessDriver(settings, clock),
    allowWeak: settings.allowWeak,
    logger,
  })

const rosterOf = (
  options: PluginHostOptions,
  services: PluginHostServices,
  levels: Isolation,
): PluginRoster => {
  const { logger, events, stores, clock, metrics, wayOut } = services
  const broker = pluginBroker({ keyValues: stores.keyValues, events, clock, wayOut, settings: options })
  const shared = {
    config: options,
    cache: join(options.home, 'run', 'stripped'),
    isolation: levels,
    broker,
    logger,
    events,
    clock,
    metrics,
    random: Math.random,
  }
  return pluginRoster({ home: options.home, bundled: options.bundled, logger, shared })
}

/**
 * Runs plugins. `start` resolves when each is ready, or known not to be, and after three seconds anyway, so that one
 * that loops while it is loaded does not hold up the server. A call of a plugin that is still starting waits for it.
 */
export const pluginHost = (
  options: PluginHostOptions,
  services: PluginHostServices,
): PluginHost & Service & { settled(): Promise<void> } => {
  const levels = levelsOf(options, services)
  const roster = rosterOf(options, services, levels)
  const list = () => roster.plugins.map((plugin) => plugin.info())
  const running = () => roster.plugins.flatMap((plugin) => plugin.running() ?? [])
  let check: Disposable | undefined

  const settled = async (): Promise<void> => {
    await Promise.all([levels.decided(), roster.settled()])
  }
  return {
    name: 'plugins',
    list,
    settled,
    actions: () => roster.plugins.flatMap((plugin) => plugin.actions()),
    get isolation() {
      return levels.levels
    },
    async invoke(invocation, callOptions) {
      const { plugin: id } = invocation
      if (roster.find(id) === undefined) await settled()
      const plugin = roster.find(id)
      if (plugin !== undefined) return plugin.invoke(invocation, callOptions)
      throw new PluginError('plugin.not-found', `there is no plugin ${id}`)
    },
    provide: (turn, { signal }) => provide(running(), turn, { ...services, signal }),
    evaluate: (turn) => evaluate(running(), turn, services),
    async start() {
      check = services.health.add(pluginHealth(list, levels))
      roster.begin()
      await Promise.race([settled(), services.clock.sleep(startWaitMs)])
    },
    async stop() {
      check?.[Symbol.dispose]()
      await Promise.all([roster.stop(), levels.ended()])
    },
  }
}
