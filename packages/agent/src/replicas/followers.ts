import type { Message, Turn } from '@covent/core'
import type { AgentDependencies } from '../dependencies.ts'
import { endedTurn, shownOf } from '../turn/ended-turn.ts'
import { type LiveTurn, liveTurn } from '../turn/live-turn.ts'

/** Turns that other replicas answer, told on to readers here. */
export interface Followers {
  /** The one that is followed, or begins to follow it. */
  follow(turn: Turn, message: Message): LiveTurn
  /** Goes on with the readers of a turn that was taken from this process. */
  hand(live: LiveTurn): void
  /** The readers of a turn that this process has taken over; they are not followed on. */
  release(turnId: string): LiveTurn | undefined
  /** Tells all readers that the server stops. */
  stop(): void
}

const leastWaitMs = 50
const longestWaitMs = 500

/** Tells the turn's end to its readers once it stands in the store; false until then. */
const tellEnd = async ({ stores }: AgentDependencies, live: LiveTurn): Promise<boolean> => {
  const turn = await stores.turns.find(live.turn.id)
  if (turn?.state === 'accepted') return false
  const ended = turn && (await endedTurn(stores, turn))
  if (ended === undefined) live.end({ kind: 'gone' })
  else
    live.end({
      kind: 'ended',
      ...ended,
      events: [...shownOf(ended, await stores.turns.calls(turn!.id)), ...ended.events],
    })
  return true
}

export const followers = (dependencies: AgentDependencies): Followers => {
  const { clock, logger } = dependencies
  const followed = new Map<string, LiveTurn>()
  const closing = new AbortController()

  const feed = async (live: LiveTurn): Promise<void> => {
    for (
      let waitMs = leastWaitMs;
      followed.get(live.turn.id) === live;
      waitMs = Math.min(2 * waitMs, longestWaitMs)
    ) {
      const isOver = await tellEnd(dependencies, live).catch((error: unknown) => {
        logger.warn('a turn on another server cannot be looked up, trying again', { err: error })
        return false
      })
      if (isOver) return void followed.delete(live.turn.id)
      await clock.sleep(waitMs, closing.signal)
    }
  }
  const begin = (live: LiveTurn): void => {
    if (closing.signal.aborted) return live.end({ kind: 'stopped' })
    followed.set(live.turn.id, live)
    // It ends early by the abort of its sleep alone.
    feed(live).catch(() => undefined)
  }
  return {
    follow(turn, message) {
      const known = followed.get(turn.id)
      if (known !== undefined) return known
      const live = liveTurn(turn, true)
      live.accept(message)
      begin(live)
      return live
    },
    hand(live) {
      live.stream.push({ kind: 'reset' })
      begin(live)
    },
    release(turnId) {
      const live = followed.get(turnId)
      followed.delete(turnId)
      return live
    },
    stop() {
      for (const live of followed.values()) live.end({ kind: 'stopped' })
      followed.clear()
      closing.abort()
    },
  }
}
