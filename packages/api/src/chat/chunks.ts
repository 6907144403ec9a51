import type { EphemeralEvent, Usage } from '@covent/core'

export type ActionEvent = Extract<EphemeralEvent, { kind: 'action' }>

/** What is the same in every chunk of an answer. */
export interface Answering {
  readonly id: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly model: string
}

export const usageOf = ({ inputTokens, outputTokens }: Usage) => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
})

export const actionOf = ({ kind: _kind, ...action }: ActionEvent) => action

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

/** `data:` frames as OpenAI's clients read them. */
export const chunks = (answering: Answering, includeUsage: boolean) => {
  const { id, created, model } = answering
  const base = { id, object: 'chat.completion.chunk', created, model, ...(includeUsage && { usage: null }) }
  const chunk = (delta: object, finish: string | null, extra?: object): string =>
    data({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...extra })
  return {
    begin: (): string => chunk({ role: 'assistant', content: '' }, null),
    text: (text: string): string => chunk({ content: text }, null),
    /** An empty delta that clients pass over, beside the field that those who know it read. */
    action: (event: ActionEvent): string => chunk({}, null, { covent: { action: actionOf(event) } }),
    finish: (reason: 'stop' | 'length', usage: Usage): string => {
      const last = chunk({}, reason)
      return includeUsage ? last + data({ ...base, choices: [], usage: usageOf(usage) }) : last
    },
    error: data,
    done: 'data: [DONE]\n\n',
  }
}
