import type { AuditLog, EventBus, Logger, PluginError, PluginState } from '@covent/core'
import type { Trust } from '../isolation/isolation-policy.ts'
import type { LoadedPlugin } from '../load-plugin.ts'
import { failureLine, startLine } from './lifecycle-lines.ts'

interface Listeners {
  readonly events: Pick<EventBus, 'emit'>
  readonly audit: Pick<AuditLog, 'note'>
  readonly logger: Logger
}

/** Tells everybody that a plugin runs, and what it asks for and has not. */
export const announce = ({ events, audit, logger }: Listeners, loaded: LoadedPlugin, trust: Trust): void => {
  const { manifest, grants, level } = loaded
  const { id, version, permissions } = manifest
  for (const permission of Object.keys(permissions.required).filter((name) => !grants.has(name)))
    events.emit('plugin.permission-requested', { plugin: id, permission })
  if (permissions.required['process:env:write'] ?? permissions.optional['process:env:write'])
    logger.warn('a plugin asks to change variables, which changes its own process only', { plugin: id })
  events.emit('plugin.loaded', { plugin: id, version, isolation: level })
  audit.note(startLine(loaded, trust))
}

/** Tells everybody that a plugin crashed, or is let run no more. */
export const announceFailure = (
  { events, audit, logger }: Listeners,
  {
    plugin,
    state,
    error,
  }: { readonly plugin: string; readonly state: PluginState; readonly error: PluginError },
): void => {
  const { code, message } = error
  audit.note(failureLine(plugin, state, error))
  events.emit('plugin.failed', { plugin, error: { code, message } })
  logger.warn('plugin failed', { plugin, state, code, reason: message })
}
