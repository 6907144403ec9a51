import type { ManagedPlugin } from '../managed-plugin.ts'
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
  /** Lists it, and starts it when it is enabled. */
  place(entry: RosterEntry): ManagedPlugin
  /** Stops it and lists it no longer. */
  remove(name: string): Promise<void>
}

export const packagedPlugins = (manage: (source: PluginSource) => ManagedPlugin): PackagedPlugins => {
  const plugins = new Map<string, ManagedPlugin>()
  return {
    all: () => [...plugins].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, plugin]) => plugin),
    place({ source, enabled }) {
      const { name: id, version = '', trust } = source
      const plugin = enabled ? manage(source) : disabledPlugin({ id, version, trust })
      plugins.set(id, plugin)
      plugin.start()
      return plugin
    },
    async remove(name) {
      await plugins.get(name)?.stop('its operator changed it')
      plugins.delete(name)
    },
  }
}
