import { type Logger, PluginError } from '@covent/core'
import { type ManagedOptions, type ManagedPlugin, managedPlugin } from './managed-plugin.ts'
import { serviceDirectory } from './parts/service-directory.ts'
import {
  type BundledPlugin,
  bundledSource,
  installedSources,
  type PluginSource,
} from './source/plugin-source.ts'
import { turnstile } from './turnstile.ts'

/** All plugins of a server, bundled ones first. */
export interface PluginRoster {
  /** Begins to start them; what is in the home is found a moment later. */
  begin(): void
  readonly plugins: readonly ManagedPlugin[]
  find(id: string): ManagedPlugin | undefined
  /** Resolves when each is ready, or known not to be. */
  settled(): Promise<void>
  stop(): Promise<void>
}

export interface RosterOptions {
  readonly home: string
  readonly bundled: readonly BundledPlugin[]
  readonly logger: Logger
  /** What all of them share. */
  readonly shared: Omit<ManagedOptions, 'source' | 'claim' | 'gate' | 'directory'>
}

const startsAtOnce = 4

export const pluginRoster = ({ home, bundled, logger, shared }: RosterOptions): PluginRoster => {
  const gate = turnstile(startsAtOnce)
  const owners = new Map<string, PluginSource>()
  let own: readonly ManagedPlugin[] = []
  let others: readonly ManagedPlugin[] = []
  let found: Promise<void> = Promise.resolve()

  const settledOf = async (plugins: readonly ManagedPlugin[]): Promise<void> =>
    void (await Promise.all(plugins.map((plugin) => plugin.settled)))
  const claim = async (id: string, source: PluginSource): Promise<void> => {
    if (source.trust !== 'first-party') await settledOf(own)
    const owner = owners.get(id) ?? source
    owners.set(id, owner)
    if (owner === source) return
    throw new PluginError('plugin.invalid', `${source.name}: ${id} is the id of the plugin in ${owner.name}`)
  }
  const directory = serviceDirectory(() => all().flatMap(({ neighbour }) => neighbour ?? []), shared.clock)
  const manage = (source: PluginSource): ManagedPlugin =>
    managedPlugin({
      ...shared,
      directory,
      source,
      claim: (id) => claim(id, source),
      // A bundled plugin never waits behind a stranger's that is slow to load.
      gate: source.trust === 'first-party' ? (work) => work() : gate,
    })
  const findOthers = async (): Promise<void> => {
    others = (await installedSources(home)).map(manage)
    for (const plugin of others) plugin.start()
  }
  const all = (): readonly ManagedPlugin[] => [...own, ...others]

  return {
    get plugins() {
      return all()
    },
    find: (id) => all().find((plugin) => plugin.info().id === id),
    begin() {
      own = bundled.map((plugin) => manage(bundledSource(plugin)))
      for (const plugin of own) plugin.start()
      found = findOthers().catch((error: unknown) => logger.error('plugins cannot be listed', { error }))
    },
    async settled() {
      await found
      await settledOf(all())
    },
    async stop() {
      await found
      await Promise.all(all().map((plugin) => plugin.stop()))
    },
  }
}
