import { ModelError, type ModelEvent, newId, type ToolCall, type Usage } from '@covent/core'
import { type Run, say } from '../run.ts'
import { reserveStep, type Step } from './reserve-step.ts'

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

const modelEvents = (run: Run, maxTokens: number | undefined): AsyncIterable<ModelEvent> =>
  run.model.generate(
    {
      messages: run.messages,
      tools: run.toolbox().offered,
      stream: run.stream,
      ...(maxTokens !== undefined && { maxTokens }),
      ...(run.temperature !== undefined && { temperature: run.temperature }),
    },
    { signal: run.signal },
  )

const hear = async (run: Run, step: Step): Promise<Answer> => {
  let text = ''
  const calls: ToolCall[] = []
  for await (const event of modelEvents(run, step.maxTokens)) {
    if (event.kind === 'end') {
      run.signal.throwIfAborted()
      run.progress.usage = add(run.progress.usage, event.usage)
      await step.used(event.usage, text)
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

/** Asks the model for one step within the budgets, handing its text on as it comes. */
export const ask = async (run: Run): Promise<Answer> => {
  const step = await reserveStep(run)
  try {
    return await hear(run, step)
  } catch (error) {
    await step.failed(error)
    throw error
  }
}
