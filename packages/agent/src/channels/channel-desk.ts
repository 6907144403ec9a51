import {
  type AcceptedTurn,
  type AgentRuntime,
  AppError,
  type Channels,
  type Clock,
  type IncomingMessage,
  type Logger,
  newId,
  type Receive,
  type Stores,
} from '@covent/core'
import { type Outside, outsideOf } from './outside.ts'
import { owedId, type OwedReplies, owedReplies, type OwedReply } from './owed-replies.ts'

export interface ChannelDeskOptions {
  readonly stores: Stores
  readonly clock: Clock
  readonly logger: Logger
  readonly channels: Pick<Channels, 'send'>
  readonly accept: AgentRuntime['accept']
  /** Who answers. */
  readonly character: string
  /** Adds work that a stop waits for. */
  track(work: Promise<void>, abort: AbortController): void
}

/** Takes what comes in by channels to the agent, and its replies back: each at least once, also after a restart. */
export interface ChannelDesk {
  readonly receive: Receive
  /** Takes up the replies that an earlier stop or crash left unsent. */
  recover(): Promise<void>
  /** Tries no more to send what could not be sent; the next start does. */
  close(): void
}

interface Desk extends ChannelDeskOptions {
  readonly replies: OwedReplies
  /** Replies that are waited for, so that two deliveries of one message are answered once. */
  readonly followed: Set<string>
  readonly closing: AbortController
}

/** A reply older than that helps nobody. */
const keptMs = 86_400_000
const leastRestMs = 1_000
const longestRestMs = 60_000

/** Sends until it is sent, or too old. */
const send = async ({ channels, clock, logger, closing }: Desk, owed: OwedReply, text: string) => {
  const { plugin, channel, conversationId, until } = owed
  for (let waitMs = leastRestMs; clock.now() < until; waitMs = Math.min(2 * waitMs, longestRestMs)) {
    try {
      return await channels.send({ plugin, channel, conversationId, text })
    } catch (error) {
      logger.warn('a channel did not send a reply, trying again', { plugin, channel, err: error, waitMs })
      await clock.sleep(waitMs, closing.signal)
    }
  }
}

const settle = async (desk: Desk, owed: OwedReply, turn: AcceptedTurn): Promise<void> => {
  try {
    const { reply } = await turn.result()
    if (reply !== undefined) await send(desk, owed, reply.text)
    await desk.replies.remove(owed)
  } catch (error) {
    desk.logger.info('a reply by a channel waits for the next start', { err: error })
  } finally {
    desk.followed.delete(owedId(owed))
  }
}

const ensureConversation = async (desk: Desk, outside: Outside): Promise<void> => {
  const { conversation: id, principal: principalId } = outside
  const { conversations } = desk.stores
  if ((await conversations.find(id, principalId)) !== undefined) return
  const fresh = { id, principalId, character: desk.character, createdAt: desk.clock.now() }
  await conversations.create(fresh).catch((error: unknown) => {
    if (!AppError.is(error, 'database.conflict')) throw error // two first messages at once
  })
}

/** Accepts the message, or joins the turn that its key names. */
const accept = (desk: Desk, { principal, conversation, key }: OwedReply, text: string) =>
  desk.accept({
    principalId: principal,
    conversationId: conversation,
    text,
    idempotencyKey: key,
    stream: false,
  })

/** The turn's end is waited for, and what it owes is sent. */
const follow = async (desk: Desk, owed: OwedReply, text: string): Promise<void> => {
  desk.followed.add(owedId(owed))
  try {
    desk.track(settle(desk, owed, await accept(desk, owed, text)), new AbortController())
  } catch (error) {
    desk.followed.delete(owedId(owed))
    throw error
  }
}

const acceptFirst = async (desk: Desk, owed: OwedReply, text: string): Promise<void> => {
  desk.followed.add(owedId(owed))
  // Before the turn, so that no accepted turn is without it.
  await desk.replies.put(owed)
  try {
    await follow(desk, owed, text)
  } catch (error) {
    await desk.replies.remove(owed)
    throw error
  }
}

const receive = async (desk: Desk, message: IncomingMessage): Promise<void> => {
  const outside = outsideOf(message)
  const now = desk.clock.now()
  const owed = { ...outside, key: message.idempotencyKey ?? newId('msg', now), until: now + keptMs }
  await ensureConversation(desk, outside)
  const isKnown = (await desk.stores.turns.findByKey(owed.conversation, owed.key)) !== undefined
  if (isKnown || desk.followed.has(owedId(owed))) await accept(desk, owed, message.text)
  else await acceptFirst(desk, owed, message.text)
}

const takeUp = async (desk: Desk, owed: OwedReply): Promise<void> => {
  const { turns, messages } = desk.stores
  const turn = await turns.findByKey(owed.conversation, owed.key)
  const message = turn?.messageId === undefined ? undefined : await messages.find(turn.messageId)
  if (message === undefined) return desk.replies.remove(owed) // it was never accepted, or was deleted
  await follow(desk, owed, message.text)
}

export const channelDesk = (options: ChannelDeskOptions): ChannelDesk => {
  const { stores, clock, logger } = options
  const replies = owedReplies(stores, clock)
  const desk: Desk = { ...options, replies, followed: new Set(), closing: new AbortController() }
  return {
    receive: (message) => receive(desk, message),
    async recover() {
      for (const owed of await replies.list())
        await takeUp(desk, owed).catch((error: unknown) =>
          logger.warn('a reply by a channel waits for the next start', { err: error }),
        )
    },
    close: () => desk.closing.abort(new Error('the server stops')),
  }
}
