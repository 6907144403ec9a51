export { embedderSuite } from './testing/embedder-suite.ts'
import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import type { Model, ModelEvent, ModelRequest, ModelTool } from '@covent/core'

/** The two functions of a test runner that the suite needs; Vitest and `node:test` fit. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

export interface OpenModel {
  readonly model: Model
  close(): Promise<void>
}

/** A tool that every model of the suite must call when its example is said. */
export const suiteTool: ModelTool = {
  name: 'get_current_time',
  description: 'The current time in a city',
  aliases: ['what time is it'],
  examples: [{ user: 'What time is it in Tokyo?', input: { city: 'Tokyo' } }],
  input: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

const base: ModelRequest = { messages: [{ role: 'user', text: 'Hello' }], tools: [], stream: false }
const asking: ModelRequest = {
  messages: [{ role: 'user', text: 'What time is it in Tokyo?' }],
  tools: [suiteTool],
  stream: false,
}

const run = async (model: Model, request: ModelRequest, signal = new AbortController().signal) => {
  const events: ModelEvent[] = []
  for await (const event of model.generate(request, { signal })) events.push(event)
  return events
}

const textOf = (events: readonly ModelEvent[]): string =>
  events.map((event) => (event.kind === 'text' ? event.text : '')).join('')

const callOf = (events: readonly ModelEvent[]) => {
  const event = events.find((one) => one.kind === 'call')
  ok(event !== undefined, 'a call is made')
  return event.call
}

/**
 * What every model must do. It must answer `Hello` with text, call `suiteTool` for the tool's example, and after the
 * call's result say its text. Pass your runner, a name, and a way to open a model for each test.
 */
export const modelSuite = (runner: Runner, name: string, open: () => Promise<OpenModel>): void => {
  const it = (title: string, body: (model: Model) => Promise<void>): unknown =>
    runner.it(title, async () => {
      const { model, close } = await open()
      try {
        await body(model)
      } finally {
        await close()
      }
    })
  runner.describe(`${name} as a model`, () => {
    it('has an id and a history limit', async (model) => {
      ok(model.id.length > 0)
      ok(model.historyLimit > 0)
    })
    for (const stream of [false, true]) answers(it, stream)
    it('says the same text in pieces as in one', async (model) => {
      const [whole, pieces] = [await run(model, base), await run(model, { ...base, stream: true })]
      strictEqual(textOf(pieces), textOf(whole))
      ok(whole.filter((event) => event.kind === 'text').length === 1)
    })
    it('serves many at once', async (model) => {
      const all = await Promise.all(Array.from({ length: 20 }, () => run(model, base)))
      for (const events of all) deepStrictEqual(textOf(events), textOf(all[0]!))
    })
    it('answers nothing after an abort', async (model) => {
      const abort = new AbortController()
      abort.abort(new Error('enough'))
      await rejects(run(model, base, abort.signal), /enough/)
    })
    it('can be left in the middle', async (model) => {
      const { signal } = new AbortController()
      for await (const event of model.generate({ ...base, stream: true }, { signal }))
        if (event.kind === 'text') break
      ok(textOf(await run(model, base)) !== '')
    })
  })
}

type It = (title: string, body: (model: Model) => Promise<void>) => unknown

const answers = (it: It, stream: boolean): void => {
  const how = stream ? 'streamed' : 'in one piece'
  it(`answers with text and one end, the last event, ${how}`, async (model) => {
    const events = await run(model, { ...base, stream })
    ok(textOf(events) !== '')
    strictEqual(events.filter((event) => event.kind === 'end').length, 1)
    const end = events.at(-1)
    ok(end?.kind === 'end' && end.reason === 'stop')
    ok(Number.isInteger(end.usage.inputTokens) && Number.isInteger(end.usage.outputTokens))
  })
  it(`calls a tool with its input, then says the result, ${how}`, async (model) => {
    const events = await run(model, { ...asking, stream })
    const call = callOf(events)
    strictEqual(call.name, suiteTool.name)
    deepStrictEqual(call.input, { city: 'Tokyo' })
    const end = events.at(-1)
    ok(end?.kind === 'end' && end.reason === 'calls')
    const messages: ModelRequest['messages'] = [
      ...asking.messages,
      { role: 'assistant', text: textOf(events), calls: [call] },
      { role: 'action', callId: call.id, name: call.name, output: { text: 'It is 12:34 in Tokyo.' } },
    ]
    const after = await run(model, { ...asking, messages, stream })
    ok(textOf(after).includes('12:34'), textOf(after))
    ok(!after.some((event) => event.kind === 'call'))
  })
}
