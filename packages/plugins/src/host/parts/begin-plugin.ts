import { AppError, type Clock, PluginError } from '@covent/core'
import { callHook, type PartOwner } from './call-part.ts'

/** Settings that do not fit, as `plugin.invalid` with their place; everything else as it is. */
export const settingsError = (id: string, cause: unknown): unknown =>
  AppError.is(cause, 'plugin.input-invalid')
    ? new PluginError('plugin.invalid', `the setting plugins.config["${id}"] is wrong: ${cause.message}`, {
        cause,
      })
    : cause

/** Gives a plugin its settings and runs its `onLoad`. Throws `plugin.invalid` for settings that do not fit. */
export const beginPlugin = async (
  plugin: Pick<PartOwner, 'sandbox' | 'manifest'>,
  { settings, services }: { readonly settings: unknown; readonly services: readonly string[] },
  clock: Clock,
): Promise<void> => {
  const { id, config, hooks, uses } = plugin.manifest
  const isSimple = config === undefined && uses.length === 0 && !hooks.includes('load')
  if (isSimple && settings === undefined) return
  try {
    await callHook(plugin, { name: 'load', input: { settings, services } }, clock)
  } catch (cause) {
    throw settingsError(id, cause)
  }
}
