import type { Agent } from '../turn/agent.ts'
import { insist } from '../insist.ts'
import type { Place } from '../stream/lanes.ts'
import type { LiveTurn } from '../turn/live-turn.ts'

const leastWaitMs = 25
const longestWaitMs = 500

/**
 * Waits until the turn's place lets it and no earlier turn of its conversation is open, here or on another replica: to one
 * that is answered elsewhere it gives its place up meanwhile, so that this process can take that one over. Resolves with
 * the place that it entered; with undefined where lanes are closed.
 */
export const enterInOrder = async (
  { dependencies, lanes }: Agent,
  { turn, abort }: LiveTurn,
  place: Place,
): Promise<Place | undefined> => {
  const { clock, logger, stores } = dependencies
  const { signal } = abort
  let mine = place
  for (let waitMs = leastWaitMs; await mine.enter(); waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    const first = await insist(() => stores.turns.firstOpen(turn.conversationId!), { clock, logger, signal })
    // None is open where this one was taken over and ended: its owner's end is refused.
    if (first === undefined || first.id === turn.id) return mine
    mine.leave()
    await clock.sleep(waitMs, signal)
    mine = lanes.take(turn.conversationId!)
  }
  return undefined
}
