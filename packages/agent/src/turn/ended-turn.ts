import {
  type AcceptedTurn,
  type ActionCall,
  type Message,
  type Stores,
  type Turn,
  type TurnEvent,
  type TurnResult,
} from '@covent/core'
import { outcomeOf } from '../actions/outcome.ts'
import { statusOf } from '../error-record.ts'
import { gone } from './live-turn.ts'
import { toldOf } from './told.ts'

export interface EndedTurn {
  readonly message: Message
  readonly events: readonly TurnEvent[]
  readonly result: TurnResult
}

const failed = (message: Message, error: NonNullable<Turn['error']>): EndedTurn => ({
  message,
  events: [
    { kind: 'error', error },
    { kind: 'end', reason: 'failed' },
  ],
  result: { message, error: { ...error, status: statusOf(error) } },
})

const answered = (message: Message, reply: Message): EndedTurn => ({
  message,
  events: [
    { kind: 'message', message: reply },
    { kind: 'end', reason: 'answered' },
  ],
  result: { message, reply },
})

/** How a turn ended, from the store; undefined where it has not, or its conversation is gone. */
export const endedTurn = async (stores: Stores, turn: Turn): Promise<EndedTurn | undefined> => {
  if (turn.state === 'accepted' || turn.messageId === undefined) return undefined
  const [message, reply] = await Promise.all([
    stores.messages.find(turn.messageId),
    turn.replyId === undefined ? undefined : stores.messages.find(turn.replyId),
  ])
  if (message === undefined) return undefined
  if (turn.state === 'answered' && reply !== undefined) return answered(message, reply)
  return failed(message, turn.error ?? gone)
}

export const endings = { failed, answered }

/** What readers of a turn were shown of a call, from its line in the journal. */
const callEvents = (call: ActionCall): readonly TurnEvent[] => {
  const named = { kind: 'action', id: call.id, plugin: call.plugin, action: call.action } as const
  const outcome = outcomeOf(call)
  const started = { ...named, state: 'started', input: call.input } as const
  return outcome === undefined ? [started] : [started, { ...named, ...outcome }]
}

const textOf = ({ result: { reply } }: EndedTurn): readonly TurnEvent[] =>
  reply === undefined ? [] : [{ kind: 'delta', text: reply.text }]

/** What stands in the store of how it came to its end. */
export const shownOf = (ended: EndedTurn, calls: readonly ActionCall[]): readonly TurnEvent[] => [
  ...calls.flatMap(callEvents),
  ...textOf(ended),
]

/** A caller's hold on a turn that ended before it came: all of it but when each thing happened. */
export const replay = (turn: Turn, ended: EndedTurn, calls: readonly ActionCall[]): AcceptedTurn => ({
  turnId: turn.id,
  message: ended.message,
  events: () =>
    toldOf(turn, [{ kind: 'accepted', message: ended.message }, ...shownOf(ended, calls), ...ended.events]),
  result: () => Promise.resolve(ended.result),
})
