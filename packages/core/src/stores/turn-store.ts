import type { ErrorRecord } from './message-store.ts'

export type TurnState = 'accepted' | 'answered' | 'failed'

/** One accepted message and all that answers it. */
export interface Turn {
  readonly id: string
  /** Absent for an ephemeral turn, which is journaled but not resumed. */
  readonly conversationId?: string
  readonly principalId: string
  readonly character: string
  readonly model: string
  /** The user's message. */
  readonly messageId?: string
  readonly idempotencyKey?: string
  /** SHA-256 of the request body, to tell a repeat from a conflict. */
  readonly bodyHash?: string
  readonly state: TurnState
  readonly createdAt: number
  readonly endedAt?: number
  readonly replyId?: string
  readonly error?: ErrorRecord
}

export type ActionEffect = 'read' | 'write' | 'external' | 'spend' | 'exec'
export type CallState = 'started' | 'completed' | 'failed' | 'unknown'

/** One action call in the journal: written before it runs and after. */
export interface ActionCall {
  readonly id: string
  readonly turnId: string
  /** Which model step of the turn asked for it, from 0. */
  readonly step: number
  /** Its place among the calls of that step, from 0. */
  readonly position: number
  /** The text that the model said beside the calls of that step. */
  readonly said: string
  readonly plugin: string
  readonly action: string
  /** The name under which the model called it, and the model's own id of the call. */
  readonly tool: string
  readonly toolCallId: string
  readonly effect: ActionEffect
  readonly input: unknown
  readonly state: CallState
  readonly output?: unknown
  readonly error?: ErrorRecord
  readonly startedAt: number
  readonly endedAt?: number
}

export type CallOutcome =
  | { readonly state: 'completed'; readonly output: unknown }
  | { readonly state: 'failed' | 'unknown'; readonly error: ErrorRecord }

export interface TurnStore {
  /** A second turn with the same conversation and idempotency key is refused with `database.conflict`. */
  accept(turn: Turn): Promise<void>
  find(id: string): Promise<Turn | undefined>
  findByKey(conversationId: string, idempotencyKey: string): Promise<Turn | undefined>
  /** Turns in state `accepted`, in the order of their acceptance. */
  unfinished(): Promise<readonly Turn[]>
  /** Ends a turn once: of two ends only the first counts, and the second is refused with `database.conflict`. */
  end(
    id: string,
    end: {
      readonly state: 'answered' | 'failed'
      readonly endedAt: number
      readonly replyId?: string
      readonly error?: ErrorRecord
    },
  ): Promise<void>
  /** Writes calls that are about to run. */
  startCalls(calls: readonly ActionCall[]): Promise<void>
  /** Ends a call once: of two ends only the first counts. */
  endCall(id: string, outcome: CallOutcome, endedAt: number): Promise<void>
  /** A turn's journal, by step and position. */
  calls(turnId: string): Promise<readonly ActionCall[]>
}
