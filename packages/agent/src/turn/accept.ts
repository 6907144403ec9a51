import { hash } from 'node:crypto'
import {
  type AcceptedTurn,
  AppError,
  ClientError,
  type Conversation,
  type Message,
  type NewTurn,
  newId,
  type Turn,
} from '@covent/core'
import type { Place } from '../stream/lanes.ts'
import type { Agent } from './agent.ts'
import type { Roster } from './roster.ts'
import { endedTurn, replay } from './ended-turn.ts'
import { attach, gone, liveTurn } from './live-turn.ts'

/** The agent, and the turns that this process answers. */
export interface Acceptance {
  readonly agent: Agent
  readonly roster: Pick<Roster, 'live' | 'followers' | 'begin'>
}

const bodyHash = (request: NewTurn): string => hash('sha256', JSON.stringify({ text: request.text }))

const newTurn = (acceptance: Acceptance, request: NewTurn, conversation: Conversation): Turn => {
  const { clock, models } = acceptance.agent.dependencies
  const createdAt = clock.now()
  return {
    id: newId('turn', createdAt),
    conversationId: conversation.id,
    principalId: request.principalId,
    character: conversation.character,
    model: models.defaultId,
    messageId: newId('msg', createdAt),
    ...(request.idempotencyKey !== undefined && {
      idempotencyKey: request.idempotencyKey,
      bodyHash: bodyHash(request),
    }),
    state: 'accepted',
    owner: acceptance.agent.lease.owner,
    fence: 1,
    createdAt,
  }
}

const userMessage = (turn: Turn, request: NewTurn): Message => ({
  id: turn.messageId!,
  conversationId: request.conversationId,
  turnId: turn.id,
  role: 'user',
  text: request.text,
  createdAt: turn.createdAt,
  status: 'accepted',
})

/** Commits turn and message as one. The place in the lane is taken within the unit, so that lanes have the store's order. */
const commit = async (acceptance: Acceptance, turn: Turn, message: Message): Promise<Place> => {
  const taken: Place[] = []
  try {
    await acceptance.agent.dependencies.unitOfWork.run(async (stores) => {
      taken.pop()?.leave()
      await stores.turns.accept(turn, acceptance.agent.lease.leaseMs)
      await stores.messages.append(message)
      taken.push(acceptance.agent.lanes.take(message.conversationId))
    })
    return taken[0]!
  } catch (error) {
    taken.pop()?.leave()
    throw error
  }
}

const announce = (acceptance: Acceptance, turn: Turn, message: Message): void => {
  const { bell, dependencies } = acceptance.agent
  const { events } = dependencies
  const { id: messageId, turnId, conversationId, text } = message
  const payload = { messageId, turnId, conversationId, principalId: turn.principalId, text }
  events.emit('agent.message.received', payload)
  events.emit('conversation.message', { ...payload, role: 'user' })
  events.emit('agent.state.changed', { turnId, conversationId, state: 'accepted' })
  bell.ring(conversationId)
}

const acceptNew = async (
  acceptance: Acceptance,
  request: NewTurn,
  conversation: Conversation,
): Promise<AcceptedTurn> => {
  const turn = newTurn(acceptance, request, conversation)
  const message = userMessage(turn, request)
  const live = liveTurn(turn, request.stream)
  // Before the commit, so that whoever then finds the turn in the store finds it here too.
  acceptance.roster.live.set(turn.id, live)
  try {
    const place = await commit(acceptance, turn, message)
    live.accept(message)
    announce(acceptance, turn, message)
    acceptance.roster.begin(live, { message, place })
    return attach(live, message)
  } catch (error) {
    acceptance.roster.live.delete(turn.id)
    throw error
  }
}

/** A turn that another process answers. */
const joinElsewhere = async (acceptance: Acceptance, turn: Turn): Promise<AcceptedTurn> => {
  const message = await acceptance.agent.dependencies.stores.messages.find(turn.messageId!)
  if (message === undefined) throw new ClientError(gone.code, gone.message)
  return attach(acceptance.roster.followers.follow(turn, message), message)
}

const join = async (acceptance: Acceptance, request: NewTurn, turn: Turn): Promise<AcceptedTurn> => {
  const { stores } = acceptance.agent.dependencies
  if (turn.bodyHash !== bodyHash(request))
    throw new ClientError(
      'request.idempotency-conflict',
      'This Idempotency-Key came with another text before; use a new key for a new message.',
    )
  const live = acceptance.roster.live.get(turn.id)
  const message = live && (await stores.messages.find(turn.messageId!))
  if (live !== undefined && message !== undefined) return attach(live, message)
  const latest = (await stores.turns.find(turn.id)) ?? turn
  const ended = await endedTurn(stores, latest)
  if (ended === undefined) return joinElsewhere(acceptance, latest)
  return replay(latest, ended, await stores.turns.calls(latest.id))
}

/** The turn that this request's idempotency key named before, joined; undefined where there is none. */
const joinEarlier = async (acceptance: Acceptance, request: NewTurn): Promise<AcceptedTurn | undefined> => {
  if (request.idempotencyKey === undefined) return undefined
  const { turns } = acceptance.agent.dependencies.stores
  const turn = await turns.findByKey(request.conversationId, request.idempotencyKey)
  return turn && join(acceptance, request, turn)
}

/** Why nothing new is accepted now; a repeat is joined all the same. */
const refusalOf = async (
  { agent: { lanes, maxPlaces, count } }: Acceptance,
  { character }: Conversation,
): Promise<AppError | undefined> => {
  if (lanes.size >= maxPlaces)
    return new ClientError(
      'request.overloaded',
      'Too many messages wait for an answer; nothing was accepted.',
    )
  try {
    await count(character)
    return undefined
  } catch (error) {
    if (AppError.is(error, 'limit.exceeded')) return error
    throw error
  }
}

/** Accepts a message, or joins the turn that did. */
export const accept = async (acceptance: Acceptance, request: NewTurn): Promise<AcceptedTurn> => {
  const { conversations } = acceptance.agent.dependencies.stores
  const conversation = await conversations.find(request.conversationId, request.principalId)
  if (conversation === undefined)
    throw new ClientError(
      'request.not-found',
      `There is no conversation ${request.conversationId.slice(0, 64)}.`,
    )
  const refusal = await refusalOf(acceptance, conversation)
  if (refusal !== undefined) {
    const earlier = await joinEarlier(acceptance, request)
    if (earlier !== undefined) return earlier
    throw refusal
  }
  try {
    return await acceptNew(acceptance, request, conversation)
  } catch (error) {
    const earlier = AppError.is(error, 'database.conflict') && (await joinEarlier(acceptance, request))
    if (earlier) return earlier
    throw error
  }
}
