import type { PluginTurn } from '@covent/core'
import { pseudonym, pseudonymousCall } from '../../channel/pseudonym.ts'
import type { PartOwner } from './call-part.ts'

const permission = 'data:memory'

/** Whether what people and the agent say may reach it. */
const readsMessages = ({ grants, manifest }: PartOwner): boolean => {
  const { required, optional } = manifest.permissions
  const access = (required[permission] ?? optional[permission])?.access
  return grants.has(permission) && access !== undefined && access !== 'write'
}

/** A turn as one plugin sees it. */
export const shownTurn = (plugin: PartOwner, turn: PluginTurn & { readonly reply?: string }): object => {
  const { text, reply, ...call } = turn
  const reads = readsMessages(plugin)
  return {
    ...pseudonymousCall(plugin.manifest.id, { ...call, callId: '' }),
    text: reads ? text : '',
    ...(reply !== undefined && { reply: reads ? reply : '' }),
  }
}

const idFields = new Set(['messageId', 'turnId', 'conversationId', 'principalId', 'callId', 'peer', 'key'])
/** What people said, and messages of errors, which may quote it. */
const textFields = new Set(['text', 'message', 'reason', 'target'])

/** An event as one plugin sees it: ids are its pseudonyms, texts are empty unless it may read messages. */
export const shownEvent = (plugin: PartOwner, payload: object): object => {
  const reads = readsMessages(plugin)
  const show = (name: string, value: unknown): unknown => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return shown(value)
    if (typeof value !== 'string') return value
    if (idFields.has(name)) return pseudonym(plugin.manifest.id, value)
    return textFields.has(name) && !reads ? '' : value
  }
  const shown = (members: object): object =>
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name, show(name, value)]))
  return shown(payload)
}
