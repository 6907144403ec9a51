import { hash } from 'node:crypto'
import type { IncomingMessage } from '@covent/core'

/** A conversation that goes on by a channel: the outside's names, and ours. */
export interface Outside {
  readonly plugin: string
  readonly channel: string
  /** By the name that the outside has for it. */
  readonly conversationId: string
  /** No account or key is ever named so. */
  readonly principal: string
  readonly conversation: string
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** As long as an id, and of its letters. */
const idLike = (parts: readonly string[]): string =>
  [...hash('sha256', JSON.stringify(parts), 'buffer').subarray(0, 26)]
    .map((byte) => alphabet[byte & 31])
    .join('')

/**
 * Ours for the outside's: always the same, and never that of another channel. Each person has a conversation of their
 * own, so that nobody in a room of many is told what the agent knows of another.
 */
export const outsideOf = ({ plugin, channel, conversationId, principalId }: IncomingMessage): Outside => ({
  plugin,
  channel,
  conversationId,
  principal: `channel:${plugin}/${channel}:${idLike([plugin, channel, principalId])}`,
  conversation: `conv_${idLike([plugin, channel, conversationId, principalId])}`,
})
