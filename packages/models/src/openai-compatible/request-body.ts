import type { ModelMessage, ModelRequest, ModelTool, ToolCall } from '@covent/core'

const toolCall = ({ id, name, input }: ToolCall) => ({
  id,
  type: 'function',
  function: { name, arguments: typeof input === 'string' ? input : JSON.stringify(input ?? {}) },
})

const contentOf = (output: unknown): string =>
  typeof output === 'string' ? output : (JSON.stringify(output) ?? 'null')

const wireMessage = (message: ModelMessage): object => {
  switch (message.role) {
    case 'action': {
      const content = contentOf(message.output)
      return {
        role: 'tool',
        tool_call_id: message.callId,
        content: message.isError ? `Error: ${content}` : content,
      }
    }
    case 'assistant': {
      if (message.calls === undefined || message.calls.length === 0)
        return { role: 'assistant', content: message.text }
      const content = message.text === '' ? null : message.text
      return { role: 'assistant', content, tool_calls: message.calls.map(toolCall) }
    }
    default:
      return { role: message.role, content: message.text }
  }
}

const wireTool = ({ name, description, input }: ModelTool) => ({
  type: 'function',
  function: { name, description, parameters: input },
})

/** The body of `POST /chat/completions`. */
export const requestBody = (model: string, request: ModelRequest): string =>
  JSON.stringify({
    model,
    messages: request.messages.map(wireMessage),
    ...(request.tools.length > 0 && { tools: request.tools.map(wireTool) }),
    ...(request.maxTokens !== undefined && { max_tokens: request.maxTokens }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.stream && { stream: true, stream_options: { include_usage: true } }),
  })
