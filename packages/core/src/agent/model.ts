import { AppError } from '../errors/app-error.ts'
import type { Cost } from '../runtime/budgets.ts'
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

/** In the operator's currency, for a million tokens. */
export interface ModelPrice {
  readonly input: number
  readonly output: number
}

/** A language model. Throws `ModelError`; the abort of `signal` reaches its socket. */
export interface Model {
  /** `rules`, or `<provider>/<model>`. */
  readonly id: string
  /** How many earlier messages of a conversation it should be given. */
  readonly historyLimit: number
  /** It costs nothing where there is none. */
  readonly price?: ModelPrice | undefined
  generate(request: ModelRequest, options: { readonly signal: AbortSignal }): AsyncIterable<ModelEvent>
}

const million = 1_000_000

/** What a use of a model comes to. */
export const costOf = ({ price }: Pick<Model, 'price'>, { inputTokens, outputTokens }: Usage): Cost => ({
  tokens: inputTokens + outputTokens,
  money: price === undefined ? 0 : (inputTokens * price.input + outputTokens * price.output) / million,
})

/** UTF-8 bytes of a token in usual text, at the least: an estimate is rather too large. */
const bytesPerToken = 2

/** Tokens that a text may come to, for reserving them. */
export const estimatedTokens = (text: string): number =>
  Math.ceil(new TextEncoder().encode(text).length / bytesPerToken)

/** Whether no provider took the request. What fails otherwise may have used its tokens all the same. */
export const isUnanswered = (error: unknown): boolean =>
  AppError.is(error, 'model.unavailable') || AppError.is(error, 'model.refused')

/** The models that the configuration names. */
export interface Models {
  /** The model of that id, or the default one; throws `model.not-found`. */
  get(id?: string): Model
  /** Id of the default model. */
  readonly defaultId: string
}
export const Models: Token<Models> = token('Models')
