import {
  type Clock,
  type EventBus,
  type HealthRegistry,
  type Invocation,
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
import { pluginBroker } from './broker.ts'
import { isolation } from './isolation.ts'
import { type ManagedPlugin, managedPlugin, type ManagedOptions } from './managed-plugin.ts'
import { type BundledPlugin, bundledSource, installedSources, type PluginSource } from './plugin-source.ts'
import { pluginHealth } from './plugin-health.ts'
import { turnstile } from './turnstile.ts'

export interface PluginHostOptions extends PluginsConfig {
  readonly isolation: IsolationConfig
  /** Plugins of the operator stand in `<home>/plugins/<name>/`. */
  readonly home: string
  /** First-party plugins, which get what their manifests require. */
  readonly bundled: readonly BundledPlugin[]
}

export interface PluginHostServices {
  readonly logger: Logger
  readonly events: Pick<EventBus, 'emit'>
  readonly stores: Pick<Stores, 'keyValues'>
  readonly clock: Clock
  readonly metrics: Metrics
  readonly health: Pick<HealthRegistry, 'add'>
}

const startsAtOnce = 4

/**
 * Runs plugins. `start` resolves as soon as they are on their way; `settled` when each is ready, or known not to be. A
 * call of a plugin that is still starting waits for it.
 */
export const pluginHost = (
  options: PluginHostOptions,
  { logger, events, stores, clock, metrics, health }: PluginHostServices,
): PluginHost & Service & { settled(): Promise<void> } => {
  const { home, bundled, isolation: settings } = options
  const drivers = {
    process: processDriver(settings, clock),
    weak: weakProcessDriver(settings, clock),
  }
  const levels = isolation({ ...drivers, allowWeak: settings.allowWeak, logger })
  const broker = pluginBroker({ keyValues: stores.keyValues, events, clock })
  const gate = turnstile(startsAtOnce)
  const owners = new Map<string, PluginSource>()
  let plugins: readonly ManagedPlugin[] = []
  let begun: Promise<unknown> = Promise.resolve()

  const settled = async (): Promise<void> => {
    await begun
    await Promise.all([levels.decided(), ...plugins.map((plugin) => plugin.settled)])
  }
  const bundledSettled = async (): Promise<void> => {
    const own = plugins.filter((plugin) => plugin.info().trust === 'first-party')
    await Promise.all(own.map((plugin) => plugin.settled))
  }
  const claim = async (id: string, source: PluginSource): Promise<void> => {
    if (source.trust !== 'first-party') await bundledSettled()
    const owner = owners.get(id) ?? source
    owners.set(id, owner)
    if (owner !== source)
      throw new PluginError(
        'plugin.invalid',
        `${source.name}: ${id} is the id of the plugin in ${owner.name}`,
      )
  }
  const manage = (source: PluginSource): ManagedPlugin => {
    const own: Pick<ManagedOptions, 'source' | 'claim' | 'gate'> = {
      source,
      claim: (id) => claim(id, source),
      // A bundled plugin never waits behind a stranger's that is slow to load.
      gate: source.trust === 'first-party' ? (work) => work() : gate,
    }
    const shared = { config: options, isolation: levels, broker, logger, events, clock, metrics }
    return managedPlugin({ ...shared, ...own, random: Math.random })
  }
  const begin = async (): Promise<void> => {
    plugins = bundled.map((plugin) => manage(bundledSource(plugin)))
    for (const plugin of plugins) plugin.start()
    const installed = (await installedSources(home)).map(manage)
    plugins = [...plugins, ...installed]
    for (const plugin of installed) plugin.start()
  }
  const find = (id: string): ManagedPlugin | undefined => plugins.find((plugin) => plugin.info().id === id)
  const invoke: PluginHost['invoke'] = async (invocation: Invocation, callOptions) => {
    if (find(invocation.plugin) === undefined) await settled()
    const plugin = find(invocation.plugin)
    if (plugin !== undefined) return plugin.invoke(invocation, callOptions)
    throw new PluginError('plugin.not-found', `there is no plugin ${invocation.plugin}`)
  }
  let check: Disposable | undefined

  return {
    name: 'plugins',
    settled,
    invoke,
    list: () => plugins.map((plugin) => plugin.info()),
    actions: () => plugins.flatMap((plugin) => plugin.actions()),
    get isolation() {
      return levels.levels
    },
    async start() {
      check = health.add(pluginHealth(() => plugins.map((plugin) => plugin.info()), levels))
      void levels.decided()
      begun = begin()
      begun.catch((error: unknown) => logger.error('plugins cannot be listed', { error }))
    },
    async stop() {
      check?.[Symbol.dispose]()
      await begun.catch(() => {}) // logged when it failed
      await Promise.all([...plugins.map((plugin) => plugin.stop()), levels.ended()])
    },
  }
}
