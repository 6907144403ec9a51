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
import type { AgentDependencies } from '../dependencies.ts'
import type { Lanes, Place } from '../stream/lanes.ts'
import { endedTurn, replay } from './ended-turn.ts'
import { attach, type LiveTurn, liveTurn } from './live-turn.ts'

export interface Acceptance {
  readonly dependencies: AgentDependencies
  readonly lanes: Lanes
  /** Places that may be taken; over it nothing new is accepted. */
  readonly maxPlaces: number
  readonly live: Map<string, LiveTurn>
  /** Throws where a character is asked too often. */
  count(character: string): Promise<void> | undefined
  /** Begins the turn once its place lets it. */
  begin(live: LiveTurn, work: { readonly message: Message; readonly place: Place }): void
}

const bodyHash = (request: NewTurn): string => hash('sha256', JSON.stringify({ text: request.text }))

const newTurn = (acceptance: Acceptance, request: NewTurn, conversation: Conversation): Turn => {
  const { clock, models } = acceptance.dependencies
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
    await acceptance.dependencies.unitOfWork.run(async (stores) => {
      taken.pop()?.leave()
      await stores.turns.accept(turn)
      await stores.messages.append(message)
      taken.push(acceptance.lanes.take(message.conversationId))
    })
    return taken[0]!
  } catch (error) {
    taken.pop()?.leave()
    throw error
  }
}

const announce = (acceptance: Acceptance, turn: Turn, message: Message): void => {
  const { events } = acceptance.dependencies
  const { id: messageId, turnId, conversationId, text } = message
  const payload = { messageId, turnId, conversationId, principalId: turn.principalId, text }
  events.emit('agent.message.received', payload)
  events.emit('conversation.message', { ...payload, role: 'user' })
  events.emit('agent.state.changed', { turnId, conversationId, state: 'accepted' })
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
  acceptance.live.set(turn.id, live)
  try {
    const place = await commit(acceptance, turn, message)
    live.stream.push({ kind: 'accepted', message })
    announce(acceptance, turn, message)
    acceptance.begin(live, { message, place })
    return attach(live, message)
  } catch (error) {
    acceptance.live.delete(turn.id)
    throw error
  }
}

const elsewhere = (): ClientError =>
  new ClientError(
    'request.overloaded',
    'The first request with this Idempotency-Key is still being answered; try again.',
  )

const join = async (acceptance: Acceptance, request: NewTurn, turn: Turn): Promise<AcceptedTurn> => {
  const { stores } = acceptance.dependencies
  if (turn.bodyHash !== bodyHash(request))
    throw new ClientError(
      'request.idempotency-conflict',
      'This Idempotency-Key came with another text before; use a new key for a new message.',
    )
  const live = acceptance.live.get(turn.id)
  const message = live && (await stores.messages.find(turn.messageId!))
  if (live !== undefined && message !== undefined) return attach(live, message)
  const latest = (await stores.turns.find(turn.id)) ?? turn
  const ended = await endedTurn(stores, latest)
  if (ended === undefined) throw elsewhere()
  return replay(latest, ended, await stores.turns.calls(latest.id))
}

/** The turn that this request's idempotency key named before, joined; undefined where there is none. */
const joinEarlier = async (acceptance: Acceptance, request: NewTurn): Promise<AcceptedTurn | undefined> => {
  if (request.idempotencyKey === undefined) return undefined
  const { turns } = acceptance.dependencies.stores
  const turn = await turns.findByKey(request.conversationId, request.idempotencyKey)
  return turn && join(acceptance, request, turn)
}

/** Why nothing new is accepted now; a repeat is joined all the same. */
const refusalOf = async (
  { lanes, maxPlaces, count }: Acceptance,
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
  const { conversations } = acceptance.dependencies.stores
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
