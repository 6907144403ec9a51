import { type CallContext, type EventBus, PluginError } from '@covent/core'
import type { Asker, Denied, Wanted } from './broker-method.ts'

/** Tells that a plugin was refused, and makes the error that it gets. */
export type Deny = (asker: Asker, call: CallContext, wanted: Wanted) => PluginError

/** Events of one call: a plugin that tries a thousand hosts is as clear from the first of them. */
const toldPerCall = 16

const lineOf = (scope: object = {}): string => {
  const members = Object.entries({ ...scope, reason: '…' })
  return `{ ${members.map(([name, value]) => `"${name}": ${JSON.stringify(value)}`).join(', ')} }`
}

/** What would allow it: the line of the manifest, and where the operator's word is missing, the setting. */
const remedyOf = (
  { id, trust, grants, isPackaged }: Asker,
  { permission, scope, remedy }: Wanted,
): string => {
  if (remedy !== undefined) return remedy
  const declare = `"${permission}": ${lineOf(scope)} under permissions.required of its manifest`
  const isGiven = trust === 'first-party' || grants.has(permission)
  if (isGiven) return declare
  if (isPackaged === true) return `${declare}, and \`covent plugins grant ${id} ${permission}\``
  return `${declare}, and "${permission}" in the setting plugins.grants["${id}"]`
}

export const denials = (events: Pick<EventBus, 'emit'>): Deny => {
  const told = new WeakMap<CallContext, Set<string>>()
  return (asker, call, wanted) => {
    const { permission, target } = wanted
    const allowedBy = remedyOf(asker, wanted)
    const seen = told.get(call) ?? new Set()
    told.set(call, seen)
    if (seen.size < toldPerCall && !seen.has(target)) {
      seen.add(target)
      events.emit('plugin.permission-denied', { plugin: asker.id, permission, target, allowedBy })
    }
    const message = `${asker.id} may not use ${permission} for ${target}; it takes ${allowedBy}`
    const data: Denied = { permission, target, allowedBy }
    return new PluginError('plugin.permission-denied', message, { data: { ...data } })
  }
}
