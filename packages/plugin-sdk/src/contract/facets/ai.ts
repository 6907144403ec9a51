import type * as z from 'zod'

export interface AiRequest {
  /** Up to 200,000 characters. */
  readonly prompt: string
  /** What the model is told to be. */
  readonly system?: string
  /** Of the answer; 1,024 when absent, 32,000 at most. */
  readonly maxTokens?: number
  /** One of the permission's `models`; the server's default one, or the first of them, when absent. */
  readonly model?: string
}

export interface AiAnswer {
  readonly text: string
  readonly model: string
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number }
}

/**
 * Language models of the server. Keys never leave it. Over `maxTokensPerDay` (a day is UTC's) calls reject with
 * `limit.budget-exceeded`.
 */
export interface Ai {
  generate(request: AiRequest): Promise<AiAnswer>
  /** Asks for JSON of that shape. What does not fit is asked for once more, and then rejects. */
  generateObject<S extends z.ZodType>(request: AiRequest & { readonly schema: S }): Promise<z.output<S>>
}
