import { type AgentRuntime, newId, rateGuard, type Service, type TurnLease } from '@covent/core'
import { channelDesk } from './channels/channel-desk.ts'
import { toolboxes } from './actions/toolbox.ts'
import { characters } from './characters.ts'
import type { AgentDependencies, AgentOptions } from './dependencies.ts'
import { bell } from './replicas/bell.ts'
import { followConversation } from './replicas/follow-conversation.ts'
import { keeper } from './replicas/keeper.ts'
import { lanes } from './stream/lanes.ts'
import { accept } from './turn/accept.ts'
import type { Agent } from './turn/agent.ts'
import { answerOnce } from './turn/answer-once.ts'
import { stopping } from './turn/live-turn.ts'
import { roster } from './turn/roster.ts'
import { tasks } from './stream/tasks.ts'

/** How long aborted turns may take to let go. */
const abortGraceMs = 1000

/** A process is another owner than the one before it, so that what that one began is known as its own. */
const leaseOf = ({ clock }: AgentDependencies, { turnLeaseMs }: AgentOptions): TurnLease => ({
  owner: newId('rep', clock.now()),
  leaseMs: turnLeaseMs,
})

const agentOf = (dependencies: AgentDependencies, options: AgentOptions): Agent => ({
  dependencies,
  options,
  characters: characters(options),
  lanes: lanes(options.maxConcurrentTurns),
  bell: bell(),
  maxPlaces: options.maxConcurrentTurns + options.maxWaitingTurns,
  count: rateGuard(dependencies.limits, options.rate && { ...options.rate, name: 'agent' }),
  lease: leaseOf(dependencies, options),
  toolbox: toolboxes(options.allow),
})

/**
 * The agent. `start()` takes up, in the background, the turns that an earlier stop or crash left unfinished; `stop()`
 * takes no more, lets those that run end for `drainMs`, and leaves the rest to the next start.
 */
export const agentRuntime = (
  dependencies: AgentDependencies,
  options: AgentOptions,
): AgentRuntime & Service => {
  const { clock, logger, stores } = dependencies
  const agent = agentOf(dependencies, options)
  const running = tasks()
  const { lanes: places, lease, maxPlaces } = agent
  const turns = roster(agent, running)
  let isOpen = false
  const assertOpen = (): void => {
    if (!isOpen) throw stopping()
  }
  const acceptTurn: AgentRuntime['accept'] = async (turn) => {
    assertOpen()
    return accept({ agent, roster: turns }, turn)
  }
  const desk = channelDesk({
    ...dependencies,
    accept: acceptTurn,
    character: agent.characters.ids[0]!,
    track: running.add,
  })
  const holds = keeper({
    turns: stores.turns,
    clock,
    logger,
    lease,
    live: turns.live,
    hasRoom: () => places.size < maxPlaces,
    takeUp: turns.takeUp,
  })
  let channels: AsyncDisposable | undefined
  return {
    name: 'agent',
    characters: agent.characters.ids,
    accept: acceptTurn,
    answer: (turn, signal) => answerOnce({ agent, track: running.add, assertOpen }, turn, signal),
    follow: (following, signal) => followConversation({ agent, roster: turns, signal }, following),
    async start() {
      await holds.start()
      isOpen = true
      await desk.recover()
      channels = dependencies.channels.open(desk.receive)
    },
    async stop() {
      isOpen = false
      places.close()
      desk.close()
      await running.settled(clock, options.drainMs)
      await channels?.[Symbol.asyncDispose]()
      running.abort(stopping())
      turns.stop()
      await running.settled(clock, abortGraceMs)
      await holds.stop()
    },
  }
}
