import { type Model, ModelError, type ModelEvent, type ModelRequest, type Models } from '@covent/core'

type Script = (request: ModelRequest, signal: AbortSignal) => Iterable<ModelEvent> | AsyncIterable<ModelEvent>

export const usage = { inputTokens: 1, outputTokens: 1 }

export const text = (...pieces: readonly string[]): readonly ModelEvent[] => [
  ...pieces.map((piece) => ({ kind: 'text', text: piece }) as const),
  { kind: 'end', reason: 'stop', usage },
]

/** Calls tools by name, each with an id of its own, perhaps saying something beside it. */
export const calls = (asked: Readonly<Record<string, unknown>>, said = ''): readonly ModelEvent[] => [
  ...(said === '' ? [] : [{ kind: 'text', text: said } as const]),
  ...Object.entries(asked).map(
    ([name, input]) => ({ kind: 'call', call: { id: `asked-${name}`, name, input } }) as const,
  ),
  { kind: 'end', reason: 'calls', usage },
]

/** What stands after the user's last message: the results of this turn's calls. */
export const results = (request: ModelRequest): readonly string[] =>
  request.messages
    .slice(request.messages.findLastIndex((message) => message.role === 'user'))
    .flatMap((message) => (message.role === 'action' ? [JSON.stringify(message.output)] : []))

export interface ScriptedModel extends Models {
  readonly requests: readonly ModelRequest[]
  script: Script
}

/** A model that does what the test says. By default it repeats the user's last message. */
export const scriptedModel = (): ScriptedModel => {
  const requests: ModelRequest[] = []
  const model: Model = {
    id: 'scripted',
    historyLimit: 50,
    async *generate(request, { signal }) {
      requests.push({ ...request, messages: [...request.messages] })
      yield* scripted.script(request, signal)
    },
  }
  const scripted: ScriptedModel = {
    requests,
    defaultId: 'scripted',
    script: (request) => {
      const last = request.messages.at(-1)
      return text(`You said: ${last?.role === 'user' ? last.text : '?'}`)
    },
    get(id = 'scripted') {
      if (id !== 'scripted') throw new ModelError('model.not-found', `There is no model ${id}.`)
      return model
    },
  }
  return scripted
}

/** Says nothing until it is aborted. */
export const silence: Script = (_request, signal) => ({
  [Symbol.asyncIterator]: () => ({
    next: () =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
      ),
  }),
})
