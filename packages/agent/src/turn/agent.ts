import {
  type ActionSpec,
  AppError,
  budgetsFor,
  type Model,
  type Models,
  type Turn,
  type TurnLease,
} from '@covent/core'
import type { Toolbox } from '../actions/toolbox.ts'
import type { Bell } from '../replicas/bell.ts'
import type { Lanes } from '../stream/lanes.ts'
import type { Characters } from '../characters.ts'
import type { AgentDependencies, AgentOptions } from '../dependencies.ts'
import { newProgress, type Run } from './run.ts'

/** What all turns share. */
export interface Agent {
  readonly dependencies: AgentDependencies
  readonly options: AgentOptions
  readonly characters: Characters
  readonly lanes: Lanes
  /** Rung by a conversation's id when a turn of it is accepted here. */
  readonly bell: Bell
  /** Places in them that may be taken; over it nothing new is accepted. */
  readonly maxPlaces: number
  /** Throws where a character is asked too often. */
  count(character: string): Promise<void> | undefined
  /** As whom this process holds turns, and how long without renewing. */
  readonly lease: TurnLease
  toolbox(specs: readonly ActionSpec[]): Toolbox
}

/** A turn's model; where the settings no longer name it, the default one. */
const modelOf = (models: Models, id: string): Model => {
  try {
    return models.get(id)
  } catch (error) {
    if (!AppError.is(error, 'model.not-found')) throw error
    return models.get()
  }
}

type Given = Pick<Run, 'signal' | 'stream' | 'emit' | 'beforeJournal'> &
  Partial<Pick<Run, 'maxTokens' | 'temperature'>>

/** A run that has not begun, with the character's system prompt as its first message. */
export const newRun = (agent: Agent, turn: Turn, given: Given): Run => {
  const prompt = agent.characters.find(turn.character)?.systemPrompt
  const progress = newProgress()
  let model: Model | undefined
  return {
    ...given,
    turn,
    // Looked up at its first use, so that its absence fails the turn as any error of the model does.
    get model() {
      return (model ??= modelOf(agent.dependencies.models, turn.model))
    },
    messages: prompt === undefined ? [] : [{ role: 'system', text: prompt }],
    maxSteps: agent.options.maxSteps,
    budgets: budgetsFor(agent.options.budgets, turn),
    logger: agent.dependencies.logger,
    progress,
    dependencies: agent.dependencies,
    toolbox: () => agent.toolbox(progress.offered),
  }
}
