import type { Model, ModelEvent, ModelMessage, ModelRequest, ModelTool, ToolCall } from '@covent/core'
import { rulesModel } from '@covent/models'

export interface Said {
  readonly text: string
  readonly calls: readonly ToolCall[]
  readonly events: readonly ModelEvent[]
}

const never = new AbortController().signal

export const generate = async (
  model: Model,
  request: Partial<ModelRequest>,
  signal = never,
): Promise<Said> => {
  const events: ModelEvent[] = []
  const whole: ModelRequest = { messages: [], tools: [], stream: false, ...request }
  for await (const event of model.generate(whole, { signal })) events.push(event)
  return {
    text: events.map((event) => (event.kind === 'text' ? event.text : '')).join(''),
    calls: events.flatMap((event) => (event.kind === 'call' ? [event.call] : [])),
    events,
  }
}

/** What the rules model says after these messages. */
export const chat = (messages: readonly ModelMessage[], tools: readonly ModelTool[] = []): Promise<Said> =>
  generate(rulesModel(), { messages, tools })

/** As `chat`, where plain texts are the user's. */
export const ask = (
  said: readonly (string | ModelMessage)[],
  tools: readonly ModelTool[] = [],
): Promise<Said> =>
  chat(
    said.map((one) => (typeof one === 'string' ? { role: 'user', text: one } : one)),
    tools,
  )
