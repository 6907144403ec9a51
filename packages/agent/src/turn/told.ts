import { type ToldEvent, type Turn, type TurnEvent, ValidationError } from '@covent/core'
import type { StreamPlace, TurnStream } from '../stream/turn-stream.ts'
import type { LiveTurn } from './live-turn.ts'

/** A place in what is told of a turn, as a client brings it back: of another owner's telling it is of no use. */
export interface Told {
  readonly turnId: string
  /** Absent where all of the turn was told. */
  readonly until?: { readonly fence: number; readonly place: StreamPlace }
}

const pattern = /^(turn_[0-9a-z]{26})\/(?:end|(\d{1,9})-(\d{1,9})\.(\d{1,9}))$/

export const toldIn = (id: string): Told => {
  const [, turnId, fence, entry, characters] = pattern.exec(id) ?? []
  if (turnId === undefined)
    throw new ValidationError('validation.failed', 'Last-Event-ID: not an id of an event of a conversation')
  if (fence === undefined) return { turnId }
  const place = { entry: Number(entry), characters: Number(characters) }
  return { turnId, until: { fence: Number(fence), place } }
}

const isLast = (event: TurnEvent): boolean => event.kind === 'end' && event.reason !== 'stopped'

/** Names the place behind an event. */
export const toldId = ({ id, fence }: Turn, place: StreamPlace, event: TurnEvent): string =>
  isLast(event) ? `${id}/end` : `${id}/${fence}-${place.entry}.${place.characters}`

/** What a stream tells of a turn. */
export async function* toldOf(turn: Turn, stream: TurnStream<TurnEvent>): AsyncGenerator<ToldEvent> {
  const reader = stream.read()
  for await (const event of reader) yield { id: toldId(turn, reader.place, event), event }
}

interface Reading {
  /** From the beginning, when absent. */
  readonly from?: StreamPlace
  /** Ends the reading. */
  readonly signal?: AbortSignal
}

/** What readers here get of a turn, whoever answers it. */
export async function* told(live: LiveTurn, { from, signal }: Reading = {}): AsyncGenerator<ToldEvent> {
  const reader = live.stream.read(from)
  const leave = (): void => void reader.return?.()
  signal?.addEventListener('abort', leave, { once: true })
  if (signal?.aborted === true) leave()
  try {
    for await (const event of reader) yield { id: toldId(live.turn, reader.place, event), event }
  } finally {
    signal?.removeEventListener('abort', leave)
  }
}
