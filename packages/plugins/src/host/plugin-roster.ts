import type { Logger, Reconfigured } from '@covent/core'
import { type ManagedOptions, type ManagedPlugin, managedPlugin, type Trial } from './managed-plugin.ts'
import type { PluginWatch } from './monitor/plugin-watch.ts'
import { type ServiceDirectory, serviceDirectory } from './parts/service-directory.ts'
import { liveSettings, type PluginSettings } from './reload/configure-plugin.ts'
import { folderPlugins } from './registry/folder-plugins.ts'
import { idClaims } from './registry/id-claims.ts'
import { packagedPlugins, type RosterEntry } from './registry/packaged-plugins.ts'
import { type Placement, type PluginSlot, pluginSlot } from './reload/plugin-slot.ts'
import { reconfigure } from './reload/reconfigure.ts'
import { type BundledPlugin, bundledSource, type PluginSource } from './source/plugin-source.ts'
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
  /**
   * Puts this in the place of what runs under that name, without loss. Rejects with `plugin.rolled-back` where it does
   * not start or is not well; then the old one goes on.
   */
  put(entry: RosterEntry): Promise<Placement>
  /** The plugins that cannot go on without one. */
  dependents: ServiceDirectory['dependents']
  /** Stops an installed plugin and forgets it. */
  remove(name: string): Promise<void>
  /** Hands plugins their settings where those are others now. */
  reconfigure(next: PluginSettings): Promise<readonly Reconfigured[]>
}

export interface RosterOptions {
  readonly home: string
  readonly bundled: readonly BundledPlugin[]
  readonly logger: Logger
  /** What stands in the installed store. */
  installed(): Promise<readonly RosterEntry[]>
  /** What all of them share. */
  readonly shared: Omit<
    ManagedOptions,
    'source' | 'claim' | 'gate' | 'directory' | 'logger' | 'watch' | 'settings'
  >
  watchOf(source: Pick<PluginSource, 'name' | 'path'>): PluginWatch
}

const startsAtOnce = 4

const slots =
  ({ shared, logger }: RosterOptions) =>
  (first: ManagedPlugin): PluginSlot =>
    pluginSlot(first, { ...shared, logger, settings: shared.config.reload })

const settledOf = async (plugins: readonly ManagedPlugin[]): Promise<void> =>
  void (await Promise.all(plugins.map((plugin) => plugin.settled)))

type Manage = (source: PluginSource, trial?: Trial) => ManagedPlugin

/** Where plugins stand, by where they come from. */
const placesOf = (options: RosterOptions, manage: Manage) => {
  const make = () => packagedPlugins({ manage, watchOf: options.watchOf, slot: slots(options) })
  const [own, others, packages] = [make(), make(), make()]
  const all = (): readonly ManagedPlugin[] => [own, others, packages].flatMap((group) => group.all())
  return {
    own,
    others,
    packages,
    all,
    find: (id: string): ManagedPlugin | undefined => all().find((plugin) => plugin.info().id === id),
    async renew(plugin: ManagedPlugin): Promise<void> {
      for (const group of [own, others, packages]) await (await group.renew(plugin))?.settled
    },
  }
}

export const pluginRoster = (options: RosterOptions): PluginRoster => {
  const { home, bundled, installed, logger, shared, watchOf } = options
  const gate = turnstile(startsAtOnce)
  const settings = liveSettings(shared.config.config)
  let found: Promise<void> = Promise.resolve()

  const claims = idClaims(() => settledOf(own.all()))
  const directory = serviceDirectory(() => all().flatMap(({ neighbour }) => neighbour ?? []), shared.clock)
  const manage: Manage = (source, trial) =>
    managedPlugin({
      ...shared,
      settings,
      watch: watchOf(source),
      directory,
      source,
      trial,
      claim: (id) => claims.claim(id, source, trial?.id),
      // A bundled plugin never waits behind a stranger's that is slow to load.
      gate: source.trust === 'first-party' ? (work) => work() : gate,
    })
  const { own, others, packages, all, find, renew } = placesOf(options, manage)
  const isWatched = shared.config.watch
  const folders = folderPlugins({ home, isWatched, logger, plugins: others })
  const findOthers = async (): Promise<void> => {
    await folders.begin()
    for (const entry of await installed()) await packages.place(entry)
  }
  const remove = async (name: string): Promise<void> => {
    await packages.remove(name)
    claims.release(name)
  }
  return {
    get plugins() {
      return all()
    },
    find,
    reconfigure: (next) => reconfigure({ settings, find, renew }, next),
    begin() {
      for (const plugin of bundled) void own.place({ source: bundledSource(plugin), enabled: true })
      found = findOthers().catch((error: unknown) => logger.error('plugins cannot be listed', { error }))
    },
    remove,
    dependents: directory.dependents,
    async put(entry) {
      await found
      return packages.place(entry)
    },
    async settled() {
      await found
      await settledOf(all())
    },
    async stop() {
      await found
      await Promise.all([own.stop(), folders.stop(), packages.stop()])
    },
  }
}
