import { AppError, type Clock } from '@covent/core'
import { settingsError } from '../parts/begin-plugin.ts'
import { callHook, type PartOwner } from '../parts/call-part.ts'

export type PluginSettings = Readonly<Record<string, unknown>>

/** The operator's settings for plugins, as they hold now. */
export interface LiveSettings {
  of(id: string): unknown
  set(id: string, settings: unknown): void
  /** Ids that have any. */
  ids(): readonly string[]
}

export const liveSettings = (first: PluginSettings): LiveSettings => {
  const held = new Map(Object.entries(first))
  return {
    of: (id) => held.get(id),
    set: (id, settings) => void (settings === undefined ? held.delete(id) : held.set(id, settings)),
    ids: () => [...held.keys()],
  }
}

/** Asks a plugin that runs to go on with other settings. Throws `plugin.invalid` where they do not fit. */
export const configurePlugin = async (
  plugin: Pick<PartOwner, 'sandbox' | 'manifest'>,
  settings: unknown,
  clock: Clock,
): Promise<'applied' | 'restart'> => {
  const { id, hooks } = plugin.manifest
  if (!hooks.includes('config')) return 'restart'
  try {
    const said = await callHook(plugin, { name: 'config', input: { settings } }, clock)
    return said === 'applied' ? 'applied' : 'restart'
  } catch (cause) {
    if (AppError.is(cause, 'plugin.input-invalid')) throw settingsError(id, cause)
    return 'restart' // a new process begins with them, or says why not
  }
}
