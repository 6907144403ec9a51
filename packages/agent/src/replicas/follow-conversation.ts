import { ClientError, type Following, type ToldEvent, type Turn } from '@covent/core'
import type { Agent } from '../turn/agent.ts'
import { endedTurn, replay } from '../turn/ended-turn.ts'
import type { Roster } from '../turn/roster.ts'
import { told, type Told, toldIn } from '../turn/told.ts'

export interface Follower {
  readonly agent: Agent
  readonly roster: Pick<Roster, 'live' | 'followers'>
  /** Ends the following. */
  readonly signal: AbortSignal
}

/** How often the store is asked for turns of which this process has not heard. */
const leastPollMs = 250
const longestPollMs = 2_000

const missing = (): ClientError =>
  new ClientError('request.not-found', 'There is no conversation of that id.')

const reset = (turn: Turn): ToldEvent => ({
  id: `${turn.id}/${turn.fence}-0.0`,
  event: { kind: 'reset' },
})

/** All of a turn, wherever it is answered. */
const whole = async ({ agent, roster, signal }: Follower, turn: Turn): Promise<AsyncIterable<ToldEvent>> => {
  const { stores } = agent.dependencies
  const live = roster.live.get(turn.id)
  if (live !== undefined) return told(live, { signal })
  const ended = await endedTurn(stores, turn)
  if (ended !== undefined) return replay(turn, ended, await stores.turns.calls(turn.id)).events()
  const message = await stores.messages.find(turn.messageId!)
  if (message === undefined) throw missing()
  return told(roster.followers.follow(turn, message), { signal })
}

async function* eventsOf(follower: Follower, turn: Turn, seen?: Told): AsyncGenerator<ToldEvent> {
  const { roster, signal } = follower
  const live = roster.live.get(turn.id) ?? roster.followers.find(turn.id)
  const from = seen?.until && live?.placeOf(seen.until)
  if (live !== undefined && from !== undefined) {
    yield* told(live, { from, signal })
    return
  }
  if (seen !== undefined) yield reset(turn)
  for await (const one of await whole(follower, turn))
    if (seen === undefined || one.event.kind !== 'accepted') yield one
}

interface Begin {
  readonly turn?: Turn | undefined
  readonly seen?: Told
  /** The turn behind which it goes on; behind none, where the conversation had none. */
  readonly behind?: string | undefined
}

/** With which turn to begin: one that was told in part, the next behind one that was told whole, or the first open one. */
const firstOf = async ({ agent }: Follower, { conversationId, after }: Following): Promise<Begin> => {
  const { turns } = agent.dependencies.stores
  const seen = after === undefined ? undefined : toldIn(after)
  const known = seen && (await turns.find(seen.turnId))
  if (seen !== undefined && known?.conversationId === conversationId)
    return seen.until === undefined ? { behind: seen.turnId } : { turn: known, seen }
  const turn = await turns.firstOpen(conversationId)
  return turn === undefined ? { behind: (await turns.last(conversationId))?.id } : { turn }
}

/** Waits for the turn behind that one; undefined once the conversation is gone. */
const nextOf = async (
  { agent, signal }: Follower,
  { conversationId, principalId }: Following,
  behind: string | undefined,
): Promise<Turn | undefined> => {
  const { clock, stores } = agent.dependencies
  for (let waitMs = leastPollMs; !signal.aborted; waitMs = Math.min(2 * waitMs, longestPollMs)) {
    const over = new AbortController()
    const rung = agent.bell.rung(conversationId, AbortSignal.any([signal, over.signal]))
    const turn = await stores.turns.next(conversationId, behind)
    if (turn === undefined && (await stores.conversations.find(conversationId, principalId)) !== undefined) {
      await Promise.race([rung, clock.sleep(waitMs, over.signal).catch(() => undefined)])
      over.abort()
      continue
    }
    over.abort()
    return turn
  }
  return undefined
}

const isStop = ({ event }: ToldEvent): boolean => event.kind === 'end' && event.reason === 'stopped'

async function* turnsFrom(follower: Follower, following: Following, begin: Begin): AsyncGenerator<ToldEvent> {
  let { turn, seen, behind } = begin
  for (;;) {
    turn ??= await nextOf(follower, following, behind)
    if (turn === undefined) return
    for await (const one of eventsOf(follower, turn, seen)) {
      yield one
      if (isStop(one)) return
    }
    behind = turn.id
    turn = undefined
    seen = undefined
  }
}

/** What happens in a conversation, turn after turn. */
export const followConversation = async (
  follower: Follower,
  following: Following,
): Promise<AsyncIterable<ToldEvent>> => {
  const { conversations } = follower.agent.dependencies.stores
  if ((await conversations.find(following.conversationId, following.principalId)) === undefined)
    throw missing()
  return turnsFrom(follower, following, await firstOf(follower, following))
}
