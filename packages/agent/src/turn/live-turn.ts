import {
  type AcceptedTurn,
  ClientError,
  type Message,
  type Turn,
  type TurnEvent,
  type TurnResult,
} from '@covent/core'
import { type TurnStream, turnStream } from '../stream/turn-stream.ts'

/** A turn that this process answers, and what its readers get of it. */
export interface LiveTurn {
  readonly turn: Turn
  readonly stream: TurnStream<TurnEvent>
  readonly abort: AbortController
  readonly wantsStream: boolean
  /** Ends the stream and settles the result; only the first end counts. */
  end(end: TurnEnd): void
  readonly result: Promise<TurnResult>
}

export type TurnEnd =
  | { readonly kind: 'ended'; readonly events: readonly TurnEvent[]; readonly result: TurnResult }
  /** The turn goes on after the next start. */
  | { readonly kind: 'stopped' }

export const stopping = (): ClientError =>
  new ClientError(
    'request.shutting-down',
    'The server is stopping; what it has accepted it answers after its next start.',
  )

export const liveTurn = (turn: Turn, wantsStream: boolean): LiveTurn => {
  const stream = turnStream<TurnEvent>()
  const { promise, resolve, reject } = Promise.withResolvers<TurnResult>()
  // Nobody need wait for the result: a stop is no unhandled rejection.
  promise.catch(() => undefined)
  return {
    turn,
    stream,
    wantsStream,
    abort: new AbortController(),
    result: promise,
    end(end) {
      if (end.kind === 'stopped') {
        stream.push({ kind: 'end', reason: 'stopped' })
        reject(stopping())
      } else {
        for (const event of end.events) stream.push(event)
        resolve(end.result)
      }
      stream.close()
    },
  }
}

/** A caller's hold on a live turn. */
export const attach = (live: LiveTurn, message: Message): AcceptedTurn => ({
  turnId: live.turn.id,
  message,
  events: () => live.stream.read(),
  result: () => live.result,
})
