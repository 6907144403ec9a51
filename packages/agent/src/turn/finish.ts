import { AppError, type ErrorRecord, type Message, ModelError, newId } from '@covent/core'
import { errorRecord } from '../error-record.ts'
import { insist } from '../insist.ts'
import { endedTurn, endings } from './ended-turn.ts'
import { gone, type LiveTurn } from './live-turn.ts'
import { replyText, type Run } from './run.ts'

/** A turn's user message, its run and its readers. */
export interface Ending {
  readonly live: LiveTurn
  readonly message: Message
  readonly run: Run
}

const unknownNote = (run: Run): string | undefined => {
  if (run.progress.unknown.size === 0) return undefined
  const names = [...run.progress.unknown].join(', ')
  return `Note: it is not known whether ${names} took effect. Check before you repeat it.`
}

const replyOf = ({ live, message, run }: Ending): Message => {
  const createdAt = run.dependencies.clock.now()
  return {
    id: newId('msg', createdAt),
    conversationId: message.conversationId,
    turnId: live.turn.id,
    role: 'assistant',
    text: replyText(run.progress),
    createdAt,
    status: 'answered',
  }
}

/**
 * Runs the last unit of a turn. Where another end came first, that one is told to this turn's readers; where another
 * process has taken the turn over, it is lost to this one.
 */
const settle = async (ending: Ending, write: () => Promise<void>): Promise<boolean> => {
  const { clock, stores } = ending.run.dependencies
  try {
    await insist(write, { clock, logger: ending.run.logger, signal: ending.run.signal })
    return true
  } catch (error) {
    if (!AppError.is(error, 'database.conflict')) throw error
    const turn = await stores.turns.find(ending.live.turn.id)
    if (turn?.state === 'accepted') ending.live.lose()
    else {
      const ended = turn && (await endedTurn(stores, turn))
      ending.live.end({ kind: 'ended', ...(ended ?? endings.failed(ending.message, gone)) })
    }
    return false
  }
}

const announce = (ending: Ending, state: 'answered' | 'failed'): void => {
  const { events, metrics, clock } = ending.run.dependencies
  const { id: turnId, createdAt } = ending.live.turn
  events.emit('agent.state.changed', { turnId, conversationId: ending.message.conversationId, state })
  metrics.count('turns_total', 1, { state })
  metrics.observe('turn_duration_ms', Math.max(0, clock.now() - createdAt))
}

const announceReply = ({ live, run }: Ending, reply: Message): void => {
  const { events } = run.dependencies
  const { id: messageId, turnId, conversationId, text } = reply
  const payload = { messageId, turnId, conversationId, principalId: live.turn.principalId, text }
  events.emit('agent.message.sent', payload)
  events.emit('conversation.message', { ...payload, role: 'assistant' })
}

/** Nobody waits for evaluators, and what they do is theirs. */
const showToEvaluators = ({ live, message, run }: Ending, reply: Message): void => {
  const { id: turnId, principalId, character } = live.turn
  const { conversationId, text } = message
  const turn = { turnId, conversationId, principalId, character, text, reply: reply.text }
  run.dependencies.plugins.evaluate(turn).catch((error: unknown) => {
    run.logger.warn('evaluators could not be run', { err: error, turnId })
  })
}

/** Commits the reply with the turn's end, then tells it. */
export const finish = async (ending: Ending): Promise<void> => {
  const { live, message, run } = ending
  const note = unknownNote(run)
  if (note !== undefined) {
    run.emit({ kind: 'delta', text: run.progress.said.length > 0 ? `\n\n${note}` : note })
    run.progress.said.push(note)
  }
  const reply = replyOf(ending)
  if (reply.text === '') throw new ModelError('model.protocol', `Model ${run.model.id} answered nothing.`)
  const isFirst = await settle(ending, () =>
    run.dependencies.unitOfWork.run(async ({ messages, turns }) => {
      await messages.append(reply)
      await messages.setStatus(message.id, 'answered')
      await turns.end(live.turn, { state: 'answered', endedAt: reply.createdAt, replyId: reply.id })
    }),
  )
  if (!isFirst) return
  announceReply(ending, reply)
  announce(ending, 'answered')
  live.end({ kind: 'ended', ...endings.answered({ ...message, status: 'answered' }, reply) })
  showToEvaluators(ending, reply)
}

const generic: ErrorRecord = {
  code: 'agent.failed',
  message: 'The message could not be answered because of an error in the server.',
}

const recordOf = (ending: Ending, error: unknown): ErrorRecord => {
  const known = errorRecord(error)
  if (known === undefined)
    ending.run.logger.error('a turn failed with an unknown error', {
      err: error,
      turnId: ending.live.turn.id,
    })
  const record = known ?? generic
  const note = unknownNote(ending.run)
  return note === undefined ? record : { code: record.code, message: `${record.message} ${note}` }
}

/** Commits that the turn failed, and why, then tells it. */
export const fail = async (ending: Ending, cause: unknown): Promise<void> => {
  const { live, message, run } = ending
  const error = recordOf(ending, cause)
  const isFirst = await settle(ending, () =>
    run.dependencies.unitOfWork.run(async ({ messages, turns }) => {
      await messages.setStatus(message.id, 'failed', error)
      await turns.end(live.turn, { state: 'failed', endedAt: run.dependencies.clock.now(), error })
    }),
  )
  if (!isFirst) return
  announce(ending, 'failed')
  live.end({ kind: 'ended', ...endings.failed({ ...message, status: 'failed', error }, error) })
}
