import type { ErrorRecord, Message } from '../stores/message-store.ts'
import { type Token, token } from '../token.ts'
import type { ModelMessage, Usage } from './model.ts'

export type TurnEvent =
  | { readonly kind: 'accepted'; readonly message: Message }
  /** A piece of the reply's text. */
  | { readonly kind: 'delta'; readonly text: string }
  | {
      readonly kind: 'action'
      readonly id: string
      readonly plugin: string
      readonly action: string
      readonly state: 'started' | 'progress' | 'completed' | 'failed' | 'unknown'
      readonly input?: unknown
      readonly output?: unknown
      readonly text?: string
      readonly error?: ErrorRecord
    }
  /** The whole reply, committed. */
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'error'; readonly error: ErrorRecord }
  /** All that was told of the turn after `accepted` is void: another server has taken it over and begins again. */
  | { readonly kind: 'reset' }
  /** The last event of each turn; `stopped` where the server stops and the turn goes on after its next start. */
  | { readonly kind: 'end'; readonly reason: 'answered' | 'failed' | 'stopped' }

/** An event of a turn, and the name of the place behind it, from which `follow` goes on. */
export interface ToldEvent {
  readonly id: string
  readonly event: TurnEvent
}

export interface NewTurn {
  readonly principalId: string
  readonly conversationId: string
  readonly text: string
  readonly idempotencyKey?: string
  /** Whether the reply's text is wanted as it comes. */
  readonly stream: boolean
}

export interface TurnResult {
  /** The user's message, with its final status. */
  readonly message: Message
  /** The agent's; absent where the turn failed. */
  readonly reply?: Message
  /** Why it failed. */
  readonly error?: ErrorRecord & { readonly status: number }
}

/** A turn that has been accepted: committed, so that neither a crash nor a client that leaves can lose it. */
export interface AcceptedTurn {
  readonly turnId: string
  readonly message: Message
  /** All of the turn's events from `accepted` on, also when it began earlier; each call gives its own reader. */
  events(): AsyncIterable<ToldEvent>
  /** Resolves when the turn has ended, well or not; rejects with `request.shutting-down` where the server stops first. */
  result(): Promise<TurnResult>
}

export interface Following {
  readonly principalId: string
  readonly conversationId: string
  /** The id of the last event that was got, from whichever server. */
  readonly after?: string
}

export interface EphemeralTurn {
  readonly principalId: string
  /** What the client sent, oldest first; nothing is remembered of it. */
  readonly messages: readonly ModelMessage[]
  readonly character: string
  readonly stream: boolean
  readonly maxTokens?: number
  readonly temperature?: number
}

export type EphemeralEvent =
  | Extract<TurnEvent, { kind: 'delta' | 'action' }>
  | { readonly kind: 'end'; readonly text: string; readonly reason: 'stop' | 'length'; readonly usage: Usage }

/** Answers messages. */
export interface AgentRuntime {
  /**
   * Accepts a message: resolves once it is committed. The same idempotency key with the same text joins the first turn;
   * with another text it throws `request.idempotency-conflict`. A conversation that is not the principal's is
   * `request.not-found`. Turns of one conversation run in the order of their acceptance.
   */
  accept(turn: NewTurn): Promise<AcceptedTurn>
  /**
   * What happens in a conversation, turn after turn, from its open turns on or behind `after`, until the signal's abort or
   * the conversation's end. Where what was told of a turn cannot be gone on with, `reset` comes before all of it. A
   * conversation that is not the principal's is `request.not-found`; an `after` of no server of ours `validation.failed`.
   */
  follow(following: Following, signal: AbortSignal): Promise<AsyncIterable<ToldEvent>>
  /** Answers once without remembering; action calls are journaled. Throws in the iterator; abort by its `return()` or the signal. */
  answer(turn: EphemeralTurn, signal: AbortSignal): AsyncIterable<EphemeralEvent>
  /** Names of the characters that can be talked to. */
  readonly characters: readonly string[]
}
export const AgentRuntime: Token<AgentRuntime> = token('AgentRuntime')
