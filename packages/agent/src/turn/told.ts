import { type ToldEvent, type Turn, type TurnEvent, ValidationError } from '@covent/core'
import type { StreamPlace } from '../stream/turn-stream.ts'
import type { LiveTurn, Telling } from './live-turn.ts'

/** A place in what is told of a turn, as a client brings it back: of another owner's telling it is of no use. */
export interface Told {
  readonly turnId: string
  /** Absent where all of the turn was told. */
  readonly until?: Telling
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
const toldId = (turnId: string, { fence, place }: Telling, event: TurnEvent): string =>
  isLast(event) ? `${turnId}/end` : `${turnId}/${fence}-${place.entry}.${place.characters}`

/** All of a turn that has ended; of how it was told nothing is kept, so its places are of no use to go on from. */
export async function* toldOf(turn: Turn, events: readonly TurnEvent[]): AsyncGenerator<ToldEvent> {
  const nowhere = { fence: 0, place: { entry: 0, characters: 0 } }
  for (const event of events) yield { id: toldId(turn.id, nowhere, event), event }
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
    for await (const event of reader)
      yield { id: toldId(live.turn.id, live.tellingAt(reader.place), event), event }
  } finally {
    signal?.removeEventListener('abort', leave)
  }
}
