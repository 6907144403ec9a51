import { hash } from 'node:crypto'
import type { CallContext } from '@covent/core'
import type { CallInfo } from '@covent/plugin-sdk'

export const pseudonym = (plugin: string, id: string): string =>
  hash('sha256', `covent-pseudonym\0${plugin}\0${id}`, 'base64url').slice(0, 22)

const rememberedCount = 1_000

/** `pseudonym` that remembers what it has hashed: the same few ids come with each call. */
export const rememberedPseudonym = (): typeof pseudonym => {
  const known = new Map<string, string>()
  return (plugin, id) => {
    const key = `${plugin}\0${id}`
    const found = known.get(key) ?? pseudonym(plugin, id)
    if (known.size >= rememberedCount) known.clear()
    known.set(key, found)
    return found
  }
}

/** Who and where, as one plugin sees it: stable for it, and not to be matched with what another plugin sees. */
export const pseudonymousCall = (plugin: string, call: CallContext, of = pseudonym): CallInfo => ({
  ...(call.conversationId !== undefined && { conversationId: of(plugin, call.conversationId) }),
  turnId: of(plugin, call.turnId),
  principalId: of(plugin, call.principalId),
  character: call.character,
})
