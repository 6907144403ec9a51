import {
  ClientError,
  type EphemeralEvent,
  type EphemeralTurn,
  ModelError,
  newId,
  type Turn,
} from '@covent/core'
import { errorRecord } from '../error-record.ts'
import { insist } from '../insist.ts'
import { type TurnStream, turnStream } from '../stream/turn-stream.ts'
import { abandon } from '../recovery/abandon.ts'
import { type Agent, newRun } from './agent.ts'
import { converse } from './step/converse.ts'
import { stopping } from './live-turn.ts'
import { askPlugins } from './ask-plugins.ts'
import { replyText, type Run } from './run.ts'

export interface Once {
  readonly agent: Agent
  /** Adds work that a stop waits for, and that it can abort. */
  track(work: Promise<void>, abort: AbortController): void
  /** Throws once the server stops. */
  assertOpen(): void
}

type Progressing = Exclude<EphemeralEvent, { kind: 'delta' }>

const newTurn = ({ agent }: Once, request: EphemeralTurn): Turn => {
  const { clock, models } = agent.dependencies
  const createdAt = clock.now()
  return {
    id: newId('turn', createdAt),
    principalId: request.principalId,
    character: request.character,
    model: models.defaultId,
    state: 'accepted',
    owner: agent.lease.owner,
    fence: 1,
    createdAt,
  }
}

const runOf = (
  once: Once,
  request: EphemeralTurn,
  given: { readonly signal: AbortSignal; readonly stream: TurnStream<Progressing> },
): Run => {
  const turn = newTurn(once, request)
  const { maxTokens, temperature } = request
  const run = newRun(once.agent, turn, {
    stream: request.stream,
    signal: given.signal,
    emit: (event) => given.stream.push(event),
    beforeJournal: ({ turns }) => turns.accept(turn, once.agent.lease.leaseMs),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
  })
  run.messages.push(...request.messages)
  return run
}

/** Ends the turn's row, if its actions have made one; what cannot be written now is found at the next start. */
const close = async (run: Run, failure: { readonly error: unknown } | undefined): Promise<void> => {
  if (!run.progress.isJournaled) return
  const { clock, stores } = run.dependencies
  try {
    if (run.signal.aborted) return await abandon(run.dependencies, run.turn)
    const end =
      failure === undefined
        ? ({ state: 'answered', endedAt: clock.now() } as const)
        : ({
            state: 'failed',
            endedAt: clock.now(),
            error: errorRecord(failure.error) ?? { code: 'agent.failed', message: 'The turn failed.' },
          } as const)
    await insist(() => stores.turns.end(run.turn, end), { clock, logger: run.logger, signal: run.signal })
  } catch (error) {
    run.logger.warn('the end of an ephemeral turn could not be written', { err: error, turnId: run.turn.id })
  }
}

const lastWords = ({ messages }: Run): string => {
  const last = messages.findLast(({ role }) => role === 'user')
  return last?.role === 'user' ? last.text : ''
}

const drive = async (run: Run): Promise<EphemeralEvent> => {
  try {
    await askPlugins(run, lastWords(run))
    const reason = (await converse(run)) === 'length' ? 'length' : 'stop'
    await close(run, undefined)
    return { kind: 'end', text: replyText(run.progress), reason, usage: run.progress.usage }
  } catch (error) {
    await close(run, { error })
    throw error
  }
}

const start = async (once: Once, run: Run, stream: TurnStream<Progressing>): Promise<void> => {
  const place = once.agent.lanes.take(run.turn.id)
  const leave = (): void => place.leave()
  run.signal.addEventListener('abort', leave, { once: true })
  try {
    if (!(await place.enter())) throw run.signal.aborted ? run.signal.reason : stopping()
    run.signal.removeEventListener('abort', leave)
    const { context } = once.agent.dependencies
    const { id: turnId, principalId } = run.turn
    stream.push((await context.run({ turnId, principalId }, () => drive(run))) as Progressing)
  } finally {
    place.leave()
    stream.close()
  }
}

const admit = ({ agent, assertOpen }: Once, request: EphemeralTurn): void => {
  assertOpen()
  if (agent.characters.find(request.character) === undefined)
    throw new ModelError('model.not-found', `There is no character ${request.character.slice(0, 64)}.`)
  if (agent.lanes.size >= agent.maxPlaces)
    throw new ClientError('request.overloaded', 'Too many turns wait for an answer; try again.')
}

async function* events(
  once: Once,
  request: EphemeralTurn,
  abort: AbortController,
): AsyncGenerator<EphemeralEvent, void> {
  abort.signal.throwIfAborted()
  admit(once, request)
  await once.agent.count(request.character)
  const stream = turnStream<Progressing>()
  const run = runOf(once, request, { signal: abort.signal, stream })
  const work = start(once, run, stream)
  once.track(work, abort)
  yield* stream.read()
  await work
}

/** Answers once; the caller's leaving, its signal and the server's stop all reach the model and the plugin. */
export const answerOnce = (
  once: Once,
  request: EphemeralTurn,
  signal: AbortSignal,
): AsyncIterable<EphemeralEvent> => ({
  [Symbol.asyncIterator]() {
    const abort = new AbortController()
    const onAbort = (): void => abort.abort(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    const iterator = events(once, request, abort)
    const unlink = (): void => signal.removeEventListener('abort', onAbort)
    return {
      async next() {
        try {
          const result = await iterator.next()
          if (result.done === true) unlink()
          return result
        } catch (error) {
          unlink()
          throw error
        }
      },
      return() {
        unlink()
        // A generator hears a return only at its next yield; the abort brings that about.
        abort.abort()
        return iterator.return()
      },
    }
  },
})
