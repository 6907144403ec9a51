import type {
  ActionSpec,
  Budget,
  Logger,
  Model,
  ModelMessage,
  Stores,
  Turn,
  TurnEvent,
  Usage,
} from '@covent/core'
import type { AgentDependencies } from '../dependencies.ts'
import type { Toolbox } from '../actions/toolbox.ts'

export type RunEvent = Extract<TurnEvent, { kind: 'delta' | 'action' }>

/** A turn under way: what is fixed of it, and what its steps add. */
export interface Run {
  readonly turn: Turn
  readonly model: Model
  /** What the model is given; steps add to it. */
  readonly messages: ModelMessage[]
  readonly stream: boolean
  readonly maxSteps: number
  readonly budgets: readonly Budget[]
  readonly maxTokens?: number
  readonly temperature?: number
  readonly signal: AbortSignal
  readonly logger: Logger
  readonly progress: Progress
  readonly dependencies: AgentDependencies
  toolbox(): Toolbox
  emit(event: RunEvent): void
  /** Writes that must stand before the journal's first line, in its unit of work. */
  beforeJournal(stores: Stores): Promise<void>
}

/** What a run has come to so far. */
export interface Progress {
  /** Actions that apply to the turn. */
  offered: readonly ActionSpec[]
  /** The next model step. */
  step: number
  /** What the model has said, a paragraph for each step. */
  readonly said: string[]
  /** Actions, `plugin/action`, of which it is not known whether they took effect. */
  readonly unknown: Set<string>
  usage: Usage
  /** Whether the journal has lines of this run. */
  isJournaled: boolean
}

export const newProgress = (): Progress => ({
  offered: [],
  step: 0,
  said: [],
  unknown: new Set(),
  usage: { inputTokens: 0, outputTokens: 0 },
  isJournaled: false,
})

/** Sends a piece of text on its way; the first piece of a later paragraph brings the gap before it. */
export const say = (run: Run, text: string, isFirstOfParagraph: boolean): void => {
  if (text === '') return
  run.emit({ kind: 'delta', text: isFirstOfParagraph && run.progress.said.length > 0 ? `\n\n${text}` : text })
}

/** The reply so far: exactly what the deltas of the run add up to. */
export const replyText = (progress: Progress): string => progress.said.join('\n\n')
