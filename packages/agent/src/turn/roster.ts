import type { Turn } from '@covent/core'
import { relay } from '../replicas/relay.ts'
import { type Followers, followers } from '../replicas/followers.ts'
import { abandon } from '../recovery/abandon.ts'
import type { Agent } from './agent.ts'
import { answerTurn, type Work } from './answer-turn.ts'
import { type LiveTurn, liveTurn } from './live-turn.ts'
import type { Tasks } from '../stream/tasks.ts'

/** The turns that this process answers. */
export interface Roster {
  readonly live: Map<string, LiveTurn>
  /** Those of others that are followed for readers here. */
  readonly followers: Followers
  /** Answers an accepted turn when its place lets it. */
  begin(live: LiveTurn, work: Work): void
  /** Goes on with a turn that an earlier stop or crash, or another process, left unfinished. */
  takeUp(turn: Turn): void
  /** Tells all readers that the server stops. */
  stop(): void
}

export const roster = (agent: Agent, running: Tasks): Roster => {
  const live = new Map<string, LiveTurn>()
  const others = followers(agent.dependencies, agent.lease.owner)
  const { clock, context, events, logger } = agent.dependencies
  const telling = relay({ events, clock, live })

  const begin = (one: LiveTurn, work: Work): void => {
    const { id: turnId, conversationId, principalId } = one.turn
    const fields = { turnId, principalId, ...(conversationId !== undefined && { conversationId }) }
    const done = context.run(fields, () => answerTurn(agent, one, work))
    const over = done.finally(() => {
      live.delete(turnId)
      if (one.isLost) others.hand(one)
    })
    running.add(over, one.abort)
  }
  const forget = async (turn: Turn): Promise<void> => {
    try {
      await abandon(agent.dependencies, turn)
    } catch (error) {
      logger.warn('an interrupted turn could not be ended', { err: error, turnId: turn.id })
    }
  }
  return {
    live,
    followers: others,
    stop() {
      for (const turn of live.values()) turn.end({ kind: 'stopped' })
      others.stop()
      telling[Symbol.dispose]()
    },
    begin,
    takeUp(turn) {
      if (turn.conversationId === undefined) return running.add(forget(turn), new AbortController())
      const followed = others.release(turn.id)
      followed?.restart(turn)
      const resumed = followed ?? liveTurn(turn, true)
      live.set(turn.id, resumed)
      begin(resumed, { place: agent.lanes.take(turn.conversationId) })
    },
  }
}
