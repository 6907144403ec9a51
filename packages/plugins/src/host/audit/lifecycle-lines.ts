import {
  type AuditEntry,
  type IsolationLevel,
  type PluginError,
  type PluginState,
  systemActor,
} from '@covent/core'
import type { LoadedPlugin } from '../load-plugin.ts'
import type { Trust } from '../isolation/isolation-policy.ts'

const actionOf = (state: PluginState, code: string): string => {
  if (state === 'refused') return 'plugin.refuse'
  if (state === 'quarantined') return 'plugin.quarantine'
  return code === 'plugin.crashed' ? 'plugin.crash' : 'plugin.kill'
}

/** A plugin that ended by itself, was ended, or was not let in. What it printed last may hold anything, and is left out. */
export const failureLine = (
  plugin: string,
  state: PluginState,
  { code, message }: PluginError,
): AuditEntry => ({
  actor: systemActor,
  action: actionOf(state, code),
  target: plugin,
  code,
  ...(state === 'refused' ? { outcome: 'denied', data: { reason: message } } : { outcome: 'failed' }),
})

/** A plugin that runs: as whose, and behind what. */
export const startLine = ({ manifest, level }: LoadedPlugin, trust: Trust): AuditEntry => ({
  actor: systemActor,
  action: 'plugin.start',
  target: manifest.id,
  outcome: 'allowed',
  data: { version: manifest.version, trust, isolation: level },
})

/** Plugins run with less isolation than the kernel gives, by the operator's choice or for want of it. */
export const isolationLine = (
  party: 'first-party' | 'third-party',
  isolation: IsolationLevel,
): AuditEntry => ({
  actor: systemActor,
  action: 'isolation.lower',
  target: party,
  outcome: 'allowed',
  data: { isolation },
})
