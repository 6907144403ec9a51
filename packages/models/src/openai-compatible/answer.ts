import type { ModelEvent, ToolCall, Usage } from '@covent/core'
import type { Endpoint } from './endpoint.ts'
import { excerpt, nonsense } from './failure.ts'
import { ModelError } from '@covent/core'

type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const parseFields = (endpoint: Endpoint, text: string): Fields => {
  try {
    const value: unknown = JSON.parse(text)
    if (isFields(value)) return value
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw nonsense(endpoint, `sent what is no JSON object: ${excerpt(text.slice(0, 200), endpoint.apiKey)}`)
}

/** Providers say some errors with status 200, or in the middle of a stream. */
export const throwSaidError = (endpoint: Endpoint, fields: Fields): void => {
  if (fields['error'] === undefined || fields['error'] === null) return
  const said = excerpt(JSON.stringify(fields), endpoint.apiKey)
  throw new ModelError(
    'model.unavailable',
    `Model provider ${endpoint.provider} answered with an error: ${said}`,
  )
}

export const firstChoice = (fields: Fields): Fields | undefined => {
  const choices = fields['choices']
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined
  return isFields(first) ? first : undefined
}

const count = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0

export const usageOf = (value: unknown): Usage => {
  const fields = isFields(value) ? value : {}
  return { inputTokens: count(fields['prompt_tokens']), outputTokens: count(fields['completion_tokens']) }
}

/** What a model wrote as arguments; where that is no JSON it goes on as text, for the action's schema to refuse. */
export const inputOf = (written: string): unknown => {
  if (written.trim() === '') return {}
  try {
    return JSON.parse(written)
  } catch {
    return written
  }
}

export const endReason = (finish: unknown, calls: readonly ToolCall[]): 'stop' | 'calls' | 'length' => {
  if (calls.length > 0) return 'calls'
  return finish === 'length' ? 'length' : 'stop'
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const callOf = (endpoint: Endpoint, value: unknown): ToolCall => {
  const made = isFields(value) && isFields(value['function']) ? value['function'] : undefined
  if (!isFields(value) || typeof made?.['name'] !== 'string')
    throw nonsense(endpoint, 'sent a tool call without a name')
  return { id: textOf(value['id']), name: made['name'], input: inputOf(textOf(made['arguments'])) }
}

/** The events of an answer that came in one piece. */
export const wholeAnswer = (endpoint: Endpoint, body: string): readonly ModelEvent[] => {
  const fields = parseFields(endpoint, body)
  throwSaidError(endpoint, fields)
  const choice = firstChoice(fields)
  const message = choice?.['message']
  if (choice === undefined || !isFields(message)) throw nonsense(endpoint, 'sent an answer without a message')
  const made = message['tool_calls']
  const calls = Array.isArray(made) ? made.map((one) => callOf(endpoint, one)) : []
  const text = textOf(message['content'])
  return [
    ...(text === '' ? [] : [{ kind: 'text', text } as const]),
    ...calls.map((call) => ({ kind: 'call', call }) as const),
    { kind: 'end', reason: endReason(choice['finish_reason'], calls), usage: usageOf(fields['usage']) },
  ]
}
