import type { Clock, EventBus, EventMap } from '@covent/core'
import type { LiveTurn } from '../turn/live-turn.ts'

type Watched = EventMap['agent.turn.watched']

export interface RelayOptions {
  readonly events: EventBus
  readonly clock: Clock
  /** The turns that this process answers. */
  readonly live: ReadonlyMap<string, LiveTurn>
}

/** How long a turn is told to one who watches it and does not say so again. */
const watchMs = 5_000

const isOf = (live: LiveTurn | undefined, { fence }: Watched): live is LiveTurn =>
  live !== undefined && !live.isLost && live.turn.fence === fence

/** Tells turns that are answered here to replicas that watch them, each from where it stands. */
export const relay = ({ events, clock, live }: RelayOptions): Disposable => {
  const watched = new Map<string, AbortController>()

  const tell = async (
    turn: LiveTurn,
    { turnId, fence, watcher, entry, characters }: Watched,
    over: AbortSignal,
  ) => {
    const reader = turn.stream.read(turn.placeOf({ fence, place: { entry, characters } }))
    over.addEventListener('abort', () => void reader.return?.(), { once: true })
    const placed = () => ({ turnId, fence, watcher, ...turn.tellingAt(reader.place).place })
    for (let at = placed(); ; at = placed()) {
      const { value: event, done } = await reader.next()
      if (done === true || turn.turn.fence !== fence) break
      if (event.kind === 'delta' || event.kind === 'action') events.emit('agent.turn.told', { ...at, event })
    }
    if (!over.aborted) events.emit('agent.turn.told', { ...placed(), event: { kind: 'over' } })
  }
  const watch = (wanted: Watched): void => {
    const turn = live.get(wanted.turnId)
    if (!isOf(turn, wanted)) return
    const name = `${wanted.turnId} ${wanted.watcher}`
    watched.get(name)?.abort()
    const over = new AbortController()
    watched.set(name, over)
    const late = clock.sleep(watchMs, over.signal).then(() => over.abort())
    const told = tell(turn, wanted, over.signal).finally(() => {
      over.abort()
      if (watched.get(name) === over) watched.delete(name)
    })
    for (const ending of [late, told]) ending.catch(() => undefined)
  }
  const listening = events.on('agent.turn.watched', watch)
  return {
    [Symbol.dispose]() {
      listening[Symbol.dispose]()
      for (const over of watched.values()) over.abort()
    },
  }
}
