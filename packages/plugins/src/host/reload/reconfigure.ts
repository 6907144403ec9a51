import { isDeepStrictEqual } from 'node:util'
import { AppError, type Reconfigured } from '@covent/core'
import type { ManagedPlugin } from '../managed-plugin.ts'
import type { LiveSettings, PluginSettings } from './configure-plugin.ts'

export interface ReconfigureParts {
  readonly settings: LiveSettings
  find(id: string): ManagedPlugin | undefined
  /** Puts it in its place anew; rejects where the new process does not get so far, and the old one goes on. */
  renew(plugin: ManagedPlugin): Promise<void>
}

type Done = Omit<Reconfigured, 'id'>

const configure = async ({ settings, find, renew }: ReconfigureParts, id: string): Promise<Done> => {
  const plugin = find(id)
  if (plugin === undefined || plugin.isDisabled) return { outcome: 'later' }
  if ((await plugin.configure(settings.of(id))) === 'applied') return { outcome: 'applied' }
  await renew(plugin)
  const { state, reason = state } = find(id)?.info() ?? plugin.info()
  return find(id)?.running() === undefined ? { outcome: 'refused', reason } : { outcome: 'restarted' }
}

/** Hands each plugin whose settings are others the new ones; one that refuses them keeps those that it has. */
export const reconfigure = async (
  parts: ReconfigureParts,
  next: PluginSettings,
): Promise<readonly Reconfigured[]> => {
  const { settings } = parts
  const wantedOf = (id: string): unknown => (Object.hasOwn(next, id) ? next[id] : undefined)
  const ids = [...new Set([...settings.ids(), ...Object.keys(next)])].toSorted()
  const done: Reconfigured[] = []
  for (const id of ids.filter((one) => !isDeepStrictEqual(settings.of(one), wantedOf(one)))) {
    const before = settings.of(id)
    settings.set(id, wantedOf(id))
    try {
      done.push({ id, ...(await configure(parts, id)) })
    } catch (error) {
      if (!AppError.is(error)) throw error
      settings.set(id, before)
      done.push({ id, outcome: 'refused', reason: error.message })
    }
  }
  return done
}
