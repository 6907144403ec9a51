import type { ManagedPlugin, Trial } from '../managed-plugin.ts'
import type { PluginWatch } from '../monitor/plugin-watch.ts'
import type { Placement, PluginSlot } from '../reload/plugin-slot.ts'
import type { PluginSource } from '../source/plugin-source.ts'
import { disabledPlugin } from './disabled-plugin.ts'

/** An installed plugin; one that is not enabled is listed and does not run. */
export interface RosterEntry {
  readonly source: PluginSource
  readonly enabled: boolean
}

/** The plugins of the installed store that this server lists. */
export interface PackagedPlugins {
  /** By id. */
  all(): readonly ManagedPlugin[]
  /** Lists it, and starts it when it is enabled; what stands under its name is replaced. */
  place(entry: RosterEntry): Promise<Placement>
  /** Puts that plugin in its place anew, as it stands there; undefined where it is none of these. */
  renew(plugin: ManagedPlugin): Promise<Placement | undefined>
  /** Stops it and lists it no longer. */
  remove(name: string): Promise<void>
  stop(): Promise<void>
}

export interface PackagedOptions {
  watchOf(source: PluginSource): PluginWatch
  manage(source: PluginSource, trial?: Trial): ManagedPlugin
  slot(first: ManagedPlugin): PluginSlot
}

export const packagedPlugins = ({ manage, slot, watchOf }: PackagedOptions): PackagedPlugins => {
  const slots = new Map<string, PluginSlot>()
  const entries = new Map<string, RosterEntry>()
  const make = ({ source, enabled }: RosterEntry, trial?: Trial): ManagedPlugin => {
    const { name: id, version = '', trust } = source
    return enabled ? manage(source, trial) : disabledPlugin({ id, version, trust }, watchOf(source))
  }
  return {
    all: () => [...slots].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, { current }]) => current),
    async place(entry) {
      const { name } = entry.source
      const taken = slots.get(name)
      if (taken !== undefined) {
        const placed = await taken.replace((trial) => make(entry, trial))
        entries.set(name, entry)
        return placed
      }
      entries.set(name, entry)
      const plugin = make(entry)
      slots.set(name, slot(plugin))
      plugin.start()
      return { ...plugin, watched: Promise.resolve(undefined) }
    },
    async renew(plugin) {
      const name = [...slots].find(([, { current }]) => current.info().id === plugin.info().id)?.[0]
      const entry = name === undefined ? undefined : entries.get(name)
      return entry && slots.get(entry.source.name)?.replace((trial) => make(entry, trial))
    },
    async remove(name) {
      await slots.get(name)?.stop('its operator changed it')
      slots.delete(name)
      entries.delete(name)
    },
    async stop() {
      await Promise.all([...slots.values()].map((one) => one.stop()))
    },
  }
}
