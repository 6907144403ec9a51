import { type AgentRuntime, rateGuard, type Service } from '@covent/core'
import { channelDesk } from './channels/channel-desk.ts'
import { toolboxes } from './actions/toolbox.ts'
import { characters } from './characters.ts'
import type { AgentDependencies, AgentOptions } from './dependencies.ts'
import { lanes } from './stream/lanes.ts'
import { accept } from './turn/accept.ts'
import type { Agent } from './turn/agent.ts'
import { answerOnce } from './turn/answer-once.ts'
import { stopping } from './turn/live-turn.ts'
import { roster } from './turn/roster.ts'
import { tasks } from './stream/tasks.ts'

/** How long aborted turns may take to let go. */
const abortGraceMs = 1000

const agentOf = (dependencies: AgentDependencies, options: AgentOptions): Agent => ({
  dependencies,
  options,
  characters: characters(options),
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
  const places = lanes(options.maxConcurrentTurns)
  const turns = roster(agent, places, running)
  const maxPlaces = options.maxConcurrentTurns + options.maxWaitingTurns
  const count = rateGuard(dependencies.limits, options.rate && { ...options.rate, name: 'agent' })
  let isOpen = false
  const assertOpen = (): void => {
    if (!isOpen) throw stopping()
  }
  const acceptTurn: AgentRuntime['accept'] = async (turn) => {
    assertOpen()
    const { live, begin } = turns
    return accept({ dependencies, lanes: places, maxPlaces, live, begin, count }, turn)
  }
  const desk = channelDesk({
    ...dependencies,
    accept: acceptTurn,
    character: agent.characters.ids[0]!,
    track: running.add,
  })
  let channels: AsyncDisposable | undefined
  return {
    name: 'agent',
    characters: agent.characters.ids,
    accept: acceptTurn,
    answer: (turn, signal) =>
      answerOnce({ agent, lanes: places, maxPlaces, track: running.add, assertOpen, count }, turn, signal),
    async start() {
      const unfinished = await stores.turns.unfinished()
      if (unfinished.length > 0) logger.info('taking up unfinished turns', { count: unfinished.length })
      for (const turn of unfinished) turns.takeUp(turn)
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
      for (const turn of turns.live.values()) turn.end({ kind: 'stopped' })
      await running.settled(clock, abortGraceMs)
    },
  }
}
