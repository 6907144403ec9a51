import {
  type AcceptedTurn,
  ClientError,
  type Message,
  type Turn,
  type TurnEvent,
  type TurnResult,
} from '@covent/core'
import { told } from './told.ts'
import { type StreamPlace, type TurnStream, turnStream } from '../stream/turn-stream.ts'

/** A turn whose readers are here, whoever answers it, and what they get of it. */
export interface LiveTurn {
  /** As it was when it was last accepted or taken over. */
  readonly turn: Turn
  readonly stream: TurnStream<TurnEvent>
  /** Of the work on it in this process. */
  readonly abort: AbortController
  readonly wantsStream: boolean
  /** Tells readers the user's message, once. */
  accept(message: Message): void
  /** Another process answers it now: ends the work on it here, not its readers. */
  lose(): void
  readonly isLost: boolean
  /** It has another owner, who tells it from the beginning. */
  restart(turn: Turn): void
  /** Which owner told what stands there, and where in his telling that is. */
  tellingAt(place: StreamPlace): Telling
  /** Where the present owner's telling ends. */
  readonly told: Telling
  /** Where that place in the telling of its present owner is; undefined where he has not come so far, or is another one. */
  placeOf(telling: Telling): StreamPlace | undefined
  /** Ends the stream and settles the result; only the first end counts. */
  end(end: TurnEnd): void
  readonly result: Promise<TurnResult>
}

/** A place in what one owner of a turn tells of it, behind the user's message. */
export interface Telling {
  readonly fence: number
  readonly place: StreamPlace
}

export type TurnEnd =
  | { readonly kind: 'ended'; readonly events: readonly TurnEvent[]; readonly result: TurnResult }
  /** The turn goes on after the next start. */
  | { readonly kind: 'stopped' }
  /** Its conversation was deleted. */
  | { readonly kind: 'gone' }

export const stopping = (): ClientError =>
  new ClientError(
    'request.shutting-down',
    'The server is stopping; what it has accepted it answers after its next start.',
  )

export const gone = { code: 'request.not-found', message: 'The conversation was deleted meanwhile.' } as const

const isGone = (): ClientError => new ClientError(gone.code, gone.message)

export const liveTurn = (accepted: Turn, wantsStream: boolean): LiveTurn => {
  const stream = turnStream<TurnEvent>()
  const { promise, resolve, reject } = Promise.withResolvers<TurnResult>()
  // Nobody need wait for the result: a stop is no unhandled rejection.
  promise.catch(() => undefined)
  let turn = accepted
  let abort = new AbortController()
  let isLost = false
  let isTold = false
  const tellings = [{ fence: turn.fence, from: 1 }]
  return {
    get turn() {
      return turn
    },
    get abort() {
      return abort
    },
    get isLost() {
      return isLost
    },
    stream,
    wantsStream,
    result: promise,
    accept(message) {
      if (!isTold) stream.push({ kind: 'accepted', message })
      isTold = true
    },
    lose() {
      isLost = true
      abort.abort(new Error('another server answers the turn now'))
    },
    restart(taken) {
      if (stream.end.entry + stream.end.characters > tellings.at(-1)!.from) stream.push({ kind: 'reset' })
      turn = taken
      abort = new AbortController()
      isLost = false
      tellings.push({ fence: taken.fence, from: Math.max(1, stream.end.entry) })
    },
    tellingAt: ({ entry, characters }) => {
      const { fence, from } = tellings.findLast((one) => one.from <= entry) ?? tellings[0]!
      return { fence, place: { entry: Math.max(0, entry - from), characters } }
    },
    get told() {
      return this.tellingAt(stream.end)
    },
    placeOf({ fence, place }) {
      const { fence: present, from } = tellings.at(-1)!
      const entry = place.entry + from
      const { end } = stream
      const isThere = entry < end.entry || (entry === end.entry && place.characters <= end.characters)
      return fence === present && isThere ? { entry, characters: place.characters } : undefined
    },
    end(end) {
      for (const event of eventsOf(end)) stream.push(event)
      if (end.kind === 'ended') resolve(end.result)
      else reject(end.kind === 'gone' ? isGone() : stopping())
      stream.close()
    },
  }
}

const eventsOf = (end: TurnEnd): readonly TurnEvent[] => {
  if (end.kind === 'ended') return end.events
  if (end.kind === 'stopped') return [{ kind: 'end', reason: 'stopped' }]
  return [
    { kind: 'error', error: gone },
    { kind: 'end', reason: 'failed' },
  ]
}

/** A caller's hold on a live turn. */
export const attach = (live: LiveTurn, message: Message): AcceptedTurn => ({
  turnId: live.turn.id,
  message,
  events: () => told(live),
  result: () => live.result,
})
