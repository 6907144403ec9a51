import { hash } from 'node:crypto'
import { type Clock, newId, type Stores } from '@covent/core'
import * as z from 'zod'

const owedSchema = z.object({
  plugin: z.string(),
  channel: z.string(),
  conversationId: z.string(),
  principal: z.string(),
  conversation: z.string(),
  /** The idempotency key of the turn whose reply it is. */
  key: z.string(),
  /** After it the reply is not sent any more. */
  until: z.number(),
})
/** A reply that a channel has not sent yet. */
export type OwedReply = z.output<typeof owedSchema>

/** Replies that channels owe, kept over restarts. */
export interface OwedReplies {
  put(owed: OwedReply): Promise<void>
  remove(owed: OwedReply): Promise<void>
  list(): Promise<readonly OwedReply[]>
}

/** No plugin has an id without a point, so none reaches these values. */
const namespace = { plugin: 'channels', scope: 'plugin', owner: '' } as const
const listLimit = 100_000

/** Names what is owed for one turn. */
export const owedId = ({ conversation, key }: Pick<OwedReply, 'conversation' | 'key'>): string =>
  `${conversation}/${hash('sha256', key)}`

export const owedReplies = (stores: Pick<Stores, 'keyValues'>, clock: Clock): OwedReplies => {
  const writing = (nowMs: number) => ({ operationId: newId('call', nowMs), nowMs })
  return {
    put: (owed) =>
      stores.keyValues.set(namespace, owedId(owed), owed, { ...writing(clock.now()), expiresAt: owed.until }),
    remove: (owed) => stores.keyValues.delete(namespace, owedId(owed), writing(clock.now())),
    async list() {
      const entries = await stores.keyValues.list(namespace, '', { limit: listLimit, nowMs: clock.now() })
      return entries.map(({ value }) => owedSchema.parse(value))
    },
  }
}
