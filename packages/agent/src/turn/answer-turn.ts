import type { Message, ModelMessage } from '@covent/core'
import type { Place } from '../stream/lanes.ts'
import { type Agent, newRun } from './agent.ts'
import { converse } from './step/converse.ts'
import { fail, finish } from './finish.ts'
import type { LiveTurn } from './live-turn.ts'
import { abandon } from '../recovery/abandon.ts'
import { resume } from '../recovery/resume.ts'
import { askPlugins } from './ask-plugins.ts'
import type { Run } from './run.ts'
import { enterInOrder } from '../replicas/enter-in-order.ts'

export interface Work {
  readonly place: Place
  /** Absent where the turn was accepted before this start: then it is read, and the journal with it. */
  readonly message?: Message
}

const toModelMessage = ({ role, text }: Message): readonly ModelMessage[] =>
  role === 'user' || role === 'assistant' ? [{ role, text }] : []

const composeState = async (run: Run, message: Message): Promise<void> => {
  const { messages } = run.dependencies.stores
  const earlier = await messages.recent(message.conversationId, run.model.historyLimit, run.turn.id)
  for (const one of earlier) run.messages.push(...toModelMessage(one))
  run.messages.push({ role: 'user', text: message.text })
  await askPlugins(run, message.text)
}

const answer = async (run: Run, message: Message, isResumed: boolean): Promise<void> => {
  await composeState(run, message)
  if (isResumed) await resume(run)
  await converse(run)
}

const runOf = (agent: Agent, live: LiveTurn): Run =>
  newRun(agent, live.turn, {
    stream: live.wantsStream,
    signal: live.abort.signal,
    emit: (event) => live.stream.push(event),
    // The turn itself has stood in the store since it was accepted.
    beforeJournal: () => Promise.resolve(),
  })

const findMessage = async (agent: Agent, live: LiveTurn): Promise<Message | undefined> => {
  const message = await agent.dependencies.stores.messages.find(live.turn.messageId!)
  if (message !== undefined) live.accept(message)
  return message
}

const attempt = async (agent: Agent, live: LiveTurn, given: Message | undefined): Promise<void> => {
  const { id: turnId, conversationId } = live.turn
  const message = given ?? (await findMessage(agent, live))
  if (message === undefined) return abandon(agent.dependencies, live.turn)
  const run = runOf(agent, live)
  const ending = { live, message, run }
  agent.dependencies.events.emit('agent.state.changed', {
    turnId,
    ...(conversationId !== undefined && { conversationId }),
    state: 'running',
  })
  try {
    await answer(run, message, given === undefined)
    await finish(ending)
  } catch (error) {
    if (run.signal.aborted) throw error
    await fail(ending, error)
  }
}

/**
 * Answers an accepted turn when its place lets it. Only the store ends a turn: where that cannot be, or the server
 * stops, its readers are told so and the next start goes on with it. Where another process has taken it over, its readers
 * stay.
 */
export const answerTurn = async (agent: Agent, live: LiveTurn, work: Work): Promise<void> => {
  const { logger } = agent.dependencies
  let place: Place | undefined = work.place
  try {
    place = await enterInOrder(agent, live, work.place)
    if (place !== undefined) await attempt(agent, live, work.message)
  } catch (error) {
    if (!live.abort.signal.aborted)
      logger.error('a turn could not be ended; the next start goes on with it', {
        err: error,
        turnId: live.turn.id,
      })
  } finally {
    place?.leave()
    if (!live.isLost) live.end({ kind: 'stopped' })
  }
}
