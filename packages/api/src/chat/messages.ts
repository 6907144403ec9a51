import { type ModelMessage, type ToolCall, ValidationError } from '@covent/core'
import { parseJson } from '../http/body/json.ts'
import type { ChatMessage } from './request.ts'

type Text = string | readonly { readonly text: string }[]

const textOf = (content: Text | null | undefined): string => {
  if (content === null || content === undefined) return ''
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('')
}

/** Arguments are what some model once wrote: text that need not be JSON. */
const inputOf = (text: string): unknown => {
  try {
    return parseJson(Buffer.from(text), text)
  } catch {
    return text
  }
}

type Assistant = Extract<ChatMessage, { role: 'assistant' }>

const callsOf = ({ tool_calls: calls }: Assistant): ToolCall[] =>
  (calls ?? []).map(({ id, function: { name, arguments: text } }) => ({ id, name, input: inputOf(text) }))

/** A history as clients send it, in the words of the model contract. A tool's answer must follow its call. */
export const modelMessages = (messages: readonly ChatMessage[]): readonly ModelMessage[] => {
  const names = new Map<string, string>()
  return messages.map((message, at): ModelMessage => {
    switch (message.role) {
      case 'system':
      case 'developer':
        return { role: 'system', text: textOf(message.content) }
      case 'user':
        return { role: 'user', text: textOf(message.content) }
      case 'assistant': {
        const calls = callsOf(message)
        for (const { id, name } of calls) names.set(id, name)
        return { role: 'assistant', text: textOf(message.content), ...(calls.length > 0 && { calls }) }
      }
      default: {
        const callId = message.tool_call_id
        const name = names.get(callId)
        if (name !== undefined) return { role: 'action', callId, name, output: textOf(message.content) }
        const param = `messages.${at}.tool_call_id`
        throw new ValidationError('validation.failed', `${param}: no earlier message made that call`, {
          data: { param },
        })
      }
    }
  })
}
