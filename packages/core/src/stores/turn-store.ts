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
  /** The process that answers it. */
  readonly owner: string
  /** Counts its owners from 1: each that takes it over has a higher one. */
  readonly fence: number
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

/** How a call ended, and when. */
export interface CallEnd {
  readonly outcome: CallOutcome
  readonly endedAt: number
}

export type CallOutcome =
  | { readonly state: 'completed'; readonly output: unknown }
  | { readonly state: 'failed' | 'unknown'; readonly error: ErrorRecord }

/** A turn as one of its owners holds it: whatever he writes after another has taken it over is refused. */
export type TurnHold = Pick<Turn, 'id' | 'fence'>

/** How long an owner holds its turns without renewing, by the store's own clock. */
export interface TurnLease {
  readonly owner: string
  readonly leaseMs: number
}

export interface TurnStore {
  /**
   * Its owner holds it for `leaseMs`. Turns of one conversation are accepted one after another, in the order of their
   * commits. A second turn with the same conversation and idempotency key is refused with `database.conflict`.
   */
  accept(turn: Turn, leaseMs: number): Promise<void>
  find(id: string): Promise<Turn | undefined>
  findByKey(conversationId: string, idempotencyKey: string): Promise<Turn | undefined>
  /** The turn of a conversation that was accepted next after that one; the first of all, without `turnId`. */
  next(conversationId: string, turnId?: string): Promise<Turn | undefined>
  last(conversationId: string): Promise<Turn | undefined>
  /** Turns in state `accepted` that their owners do not hold any more, in the order of their acceptance. */
  lapsed(): Promise<readonly Turn[]>
  /** Makes that lapsed turn the owner's, under the next fence; undefined where it has ended or another was faster. */
  takeOver(hold: TurnHold, lease: TurnLease): Promise<Turn | undefined>
  /** Holds all turns of an owner that have not ended for another `leaseMs`, and tells their ids. */
  renew(lease: TurnLease): Promise<readonly string[]>
  /** Lets a turn lapse at once, so that whoever can goes on with it. */
  release(hold: TurnHold): Promise<void>
  /** Of a conversation's turns in state `accepted` the one that was accepted first. */
  firstOpen(conversationId: string): Promise<Turn | undefined>
  /** Ends a turn once: of two ends only the first counts, and the second is refused with `database.conflict`. */
  end(
    hold: TurnHold,
    end: {
      readonly state: 'answered' | 'failed'
      readonly endedAt: number
      readonly replyId?: string
      readonly error?: ErrorRecord
    },
  ): Promise<void>
  /** Writes calls that are about to run; refused with `database.conflict` where the turn is not held so any more. */
  startCalls(hold: TurnHold, calls: readonly ActionCall[]): Promise<void>
  /** Ends a call once: of two ends only the first counts, and none of an owner whose turn was taken over. */
  endCall(hold: TurnHold, callId: string, end: CallEnd): Promise<void>
  /** A turn's journal, by step and position. */
  calls(turnId: string): Promise<readonly ActionCall[]>
}
