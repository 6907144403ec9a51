import { ModelError, type ModelEvent, newId, type ToolCall, type Usage } from '@covent/core'
import { type Run, say } from './run.ts'

/** What a model said in one step. */
export interface Answer {
  readonly text: string
  readonly calls: readonly ToolCall[]
  readonly reason: 'stop' | 'calls' | 'length'
}

const maxTextLength = 1_000_000
const maxCalls = 32

const add = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
})

const nonsense = (run: Run, what: string): ModelError =>
  new ModelError('model.protocol', `Model ${run.model.id} ${what}.`)

/** A call whose id tells it from the others of its step, as not every model sees to. */
const identified = (run: Run, call: ToolCall, others: readonly ToolCall[]): ToolCall => {
  if (call.id !== '' && others.every((other) => other.id !== call.id)) return call
  return { ...call, id: newId('call', run.dependencies.clock.now()) }
}

const modelEvents = (run: Run): AsyncIterable<ModelEvent> =>
  run.model.generate(
    {
      messages: run.messages,
      tools: run.toolbox().offered,
      stream: run.stream,
      ...(run.maxTokens !== undefined && { maxTokens: run.maxTokens }),
      ...(run.temperature !== undefined && { temperature: run.temperature }),
    },
    { signal: run.signal },
  )

/** Asks the model for one step, handing its text on as it comes. */
export const ask = async (run: Run): Promise<Answer> => {
  let text = ''
  const calls: ToolCall[] = []
  for await (const event of modelEvents(run)) {
    if (event.kind === 'end') {
      run.signal.throwIfAborted()
      run.progress.usage = add(run.progress.usage, event.usage)
      return { text, calls, reason: event.reason }
    }
    if (event.kind === 'call') calls.push(identified(run, event.call, calls))
    else {
      say(run, event.text, text === '')
      text += event.text
    }
    if (text.length > maxTextLength) throw nonsense(run, `said more than ${maxTextLength} characters`)
    if (calls.length > maxCalls) throw nonsense(run, `made more than ${maxCalls} calls in one step`)
  }
  run.signal.throwIfAborted()
  throw nonsense(run, 'stopped without an end')
}
