import { hash } from 'node:crypto'
import type { CallContext } from '@covent/core'
import type { CallInfo } from '@covent/plugin-sdk'

export const pseudonym = (plugin: string, id: string): string =>
  hash('sha256', `covent-pseudonym\0${plugin}\0${id}`, 'base64url').slice(0, 22)

/** Who and where, as one plugin sees it: stable for it, and not to be matched with what another plugin sees. */
export const pseudonymousCall = (plugin: string, call: CallContext): CallInfo => ({
  ...(call.conversationId !== undefined && { conversationId: pseudonym(plugin, call.conversationId) }),
  turnId: pseudonym(plugin, call.turnId),
  principalId: pseudonym(plugin, call.principalId),
  character: call.character,
})
