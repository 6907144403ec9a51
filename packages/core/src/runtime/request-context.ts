import { type Token, token } from '../token.ts'

/** What is known of the work in hand; it follows the work across awaits and stands on each log line. */
export interface ContextFields {
  readonly requestId?: string
  readonly principalId?: string
  readonly conversationId?: string
  readonly turnId?: string
}

export interface RequestContext {
  /** Runs `work` with these fields over those already there. */
  run<T>(fields: ContextFields, work: () => T): T
  current(): ContextFields | undefined
}
export const RequestContext: Token<RequestContext> = token('RequestContext')
