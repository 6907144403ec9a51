import {
  type KeyValueStore,
  PluginError,
  type PluginInfo,
  PluginMonitor,
  type PluginStats,
} from '@covent/core'
import type { PluginSource } from '../source/plugin-source.ts'
import { type PluginWatch, pluginWatch, type WatchServices } from './plugin-watch.ts'

/** Whatever is listed, and who sees what it does. */
export interface Monitored {
  info(): PluginInfo
  readonly watch: PluginWatch
}

/** One watch for each place that a plugin can stand in, so that what it saw outlives restarts and updates. */
export const pluginWatches = (
  services: WatchServices,
): ((source: Pick<PluginSource, 'name' | 'path'>) => PluginWatch) => {
  const watches = new Map<string, PluginWatch>()
  return ({ name, path }) => {
    const place = path === '' ? name : path
    const known = watches.get(place)
    if (known !== undefined) return known
    const made = pluginWatch(name, services)
    watches.set(place, made)
    return made
  }
}

export const pluginMonitor = (
  plugins: () => readonly Monitored[],
  keyValues: Pick<KeyValueStore, 'sizeBytes'>,
): PluginMonitor => {
  const statsOf = async ({ info, watch }: Monitored): Promise<PluginStats> => {
    const now = info()
    return watch.stats(now, await keyValues.sizeBytes(now.id))
  }
  const find = (id: string): Monitored => {
    const found = plugins().find(({ info }) => info().id === id)
    if (found === undefined)
      throw new PluginError('plugin.not-found', `there is no plugin ${id}; see \`covent plugins list\``)
    return found
  }
  return {
    all: () => Promise.all(plugins().map(statsOf)),
    stats: async (id) => statsOf(find(id)),
    logs: (id, after = 0) => find(id).watch.lines.after(after),
    follow: (id, { after = 0, signal }) => find(id).watch.lines.follow(after, signal),
  }
}
