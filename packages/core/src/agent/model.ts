import { type Token, token } from '../token.ts'
import type { JsonSchema } from './action.ts'

export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly input: unknown
}

export type ModelMessage =
  | { readonly role: 'system' | 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly calls?: readonly ToolCall[] }
  /** What a call gave: its output, or an error's text with `isError`. */
  | {
      readonly role: 'action'
      readonly callId: string
      readonly name: string
      readonly output: unknown
      readonly isError?: boolean
    }

export interface ModelTool {
  readonly name: string
  readonly description: string
  readonly aliases: readonly string[]
  readonly examples: readonly { readonly user: string; readonly input?: unknown }[]
  readonly input: JsonSchema
}

export interface ModelRequest {
  /** Oldest first. */
  readonly messages: readonly ModelMessage[]
  readonly tools: readonly ModelTool[]
  /** Whether text is wanted as it comes; without it an adapter may answer in one piece, which is cheaper. */
  readonly stream: boolean
  readonly maxTokens?: number
  readonly temperature?: number
}

export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
}

export type ModelEvent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly call: ToolCall }
  /** The last event of each answer. */
  | { readonly kind: 'end'; readonly reason: 'stop' | 'calls' | 'length'; readonly usage: Usage }

/** A language model. Throws `ModelError`; the abort of `signal` reaches its socket. */
export interface Model {
  /** `rules`, or `<provider>/<model>`. */
  readonly id: string
  /** How many earlier messages of a conversation it should be given. */
  readonly historyLimit: number
  generate(request: ModelRequest, options: { readonly signal: AbortSignal }): AsyncIterable<ModelEvent>
}

/** The models that the configuration names. */
export interface Models {
  /** The model of that id, or the default one; throws `model.not-found`. */
  get(id?: string): Model
  /** Id of the default model. */
  readonly defaultId: string
}
export const Models: Token<Models> = token('Models')
