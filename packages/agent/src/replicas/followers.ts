import type { Clock, EventMap, Message, Turn } from '@covent/core'
import type { AgentDependencies } from '../dependencies.ts'
import { endedTurn, shownOf } from '../turn/ended-turn.ts'
import { type LiveTurn, liveTurn } from '../turn/live-turn.ts'
import { type Bell, bell } from './bell.ts'
import { type FollowedTurn, followedTurn } from './followed-turn.ts'

/** Turns that other replicas answer, told on to readers here. */
export interface Followers {
  /** The one that is followed, or begins to follow it. */
  follow(turn: Turn, message: Message): LiveTurn
  find(turnId: string): LiveTurn | undefined
  /** Goes on with the readers of a turn that was taken from this process. */
  hand(live: LiveTurn): void
  /** The readers of a turn that this process has taken over; they are not followed on. */
  release(turnId: string): LiveTurn | undefined
  /** Tells all readers that the server stops. */
  stop(): void
}

/** How often the store is asked whether the turn has ended. */
const leastWaitMs = 50
const longestWaitMs = 500
/** How often its owner is asked to tell it on. */
const watchEveryMs = 2_000

/** Tells readers how the turn stands in the store; true once it has ended. */
const lookUp = async ({ stores }: AgentDependencies, followed: FollowedTurn): Promise<boolean> => {
  const { live } = followed
  const turn = await stores.turns.find(live.turn.id)
  if (turn !== undefined) followed.check(turn)
  if (turn?.state === 'accepted') return false
  const ended = turn && (await endedTurn(stores, turn))
  if (ended === undefined) live.end({ kind: 'gone' })
  else {
    const rest = followed.rest(shownOf(ended, await stores.turns.calls(live.turn.id)))
    live.end({ kind: 'ended', ...ended, events: [...rest, ...ended.events] })
  }
  return true
}

const isOver = (dependencies: AgentDependencies, followed: FollowedTurn): Promise<boolean> =>
  lookUp(dependencies, followed).catch((error: unknown) => {
    dependencies.logger.warn('a turn on another server cannot be looked up, trying again', { err: error })
    return false
  })

interface Rest {
  readonly clock: Clock
  readonly closing: AbortSignal
  /** Rung where it need not wait so long. */
  readonly over: Bell
}

const rest = async ({ clock, closing, over }: Rest, turnId: string, waitMs: number): Promise<void> => {
  const early = new AbortController()
  const rung = over.rung(turnId, early.signal)
  await Promise.race([rung, clock.sleep(waitMs, AbortSignal.any([closing, early.signal]))])
  early.abort()
}

export const followers = (dependencies: AgentDependencies, watcher: string): Followers => {
  const { clock, events } = dependencies
  const all = new Map<string, FollowedTurn>()
  const closing = new AbortController()
  const over = bell()

  const watch = ({ turn, told }: LiveTurn): void =>
    events.emit('agent.turn.watched', { turnId: turn.id, fence: turn.fence, watcher, ...told.place })
  const hear = (told: EventMap['agent.turn.told']): void => {
    const followed = all.get(told.turnId)
    if (told.watcher !== watcher || followed?.live.turn.fence !== told.fence) return
    if (!followed.add(told)) watch(followed.live)
    else if (told.event.kind === 'over') over.ring(told.turnId)
  }
  const listening = events.on('agent.turn.told', hear)

  const feed = async (followed: FollowedTurn): Promise<void> => {
    const { id } = followed.live.turn
    let watchedAt = -Infinity
    for (let waitMs = leastWaitMs; all.get(id) === followed; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
      if (await isOver(dependencies, followed)) return void all.delete(id)
      if (clock.monotonic() - watchedAt >= watchEveryMs) {
        watch(followed.live)
        watchedAt = clock.monotonic()
      }
      await rest({ clock, closing: closing.signal, over }, id, waitMs)
    }
  }
  const begin = (live: LiveTurn): void => {
    if (closing.signal.aborted) return live.end({ kind: 'stopped' })
    const followed = followedTurn(live)
    all.set(live.turn.id, followed)
    // It ends early by the abort of its sleep alone.
    feed(followed).catch(() => undefined)
  }
  return {
    follow(turn, message) {
      const known = all.get(turn.id)
      if (known !== undefined) return known.live
      const live = liveTurn(turn, true)
      live.accept(message)
      begin(live)
      return live
    },
    find: (turnId) => all.get(turnId)?.live,
    hand: begin,
    release(turnId) {
      const followed = all.get(turnId)
      all.delete(turnId)
      return followed?.live
    },
    stop() {
      for (const { live } of all.values()) live.end({ kind: 'stopped' })
      all.clear()
      listening[Symbol.dispose]()
      closing.abort()
    },
  }
}
