import type { Model, ModelEvent, ModelMessage, ModelRequest, Usage } from '@covent/core'
import { gatherFacts } from './memory/facts.ts'
import { answerPending } from './actions/pending.ts'
import { fallback, type Reply, reply } from './reply.ts'
import { report } from './actions/report.ts'

const historyLimit = 200

/** Nothing here counts tokens: four characters are taken for one. */
const charactersPerToken = 4

type Results = readonly Extract<ModelMessage, { role: 'action' }>[]

const textsOf = (messages: readonly ModelMessage[]): readonly string[] =>
  messages.slice(-historyLimit).flatMap((message) => (message.role === 'user' ? [message.text] : []))

/** Decides from the messages alone. After results it tells them and calls nothing, whatever they say. */
const decide = ({ messages, tools }: ModelRequest): Reply => {
  const last = messages.findLastIndex((message) => message.role === 'user')
  const results: Results = messages.slice(last + 1).filter((message) => message.role === 'action')
  if (results.length > 0) return { text: report(results), calls: [] }
  const message = messages[last]
  const setting = { tools, facts: gatherFacts(textsOf(messages)) }
  if (message?.role !== 'user') return fallback(setting)
  return (
    reply(setting, message.text) ??
    answerPending(messages.slice(0, last + 1), tools, message.text) ??
    fallback(setting)
  )
}

const length = (message: ModelMessage): number => (message.role === 'action' ? 0 : message.text.length)

const usageOf = (request: ModelRequest, text: string): Usage => ({
  inputTokens: Math.ceil(
    request.messages.reduce((sum, message) => sum + length(message), 0) / charactersPerToken,
  ),
  outputTokens: Math.ceil(text.length / charactersPerToken),
})

/** A text in pieces of a few words, which together are the text. */
const piecesOf = (text: string): readonly string[] =>
  text.match(/\s*\S{1,200}(?:\s+\S{1,200}){0,2}|\s+/g) ?? []

async function* generate(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent, void> {
  signal.throwIfAborted()
  const { text: whole, calls } = decide(request)
  const limit = (request.maxTokens ?? Number.POSITIVE_INFINITY) * charactersPerToken
  const text = whole.slice(0, limit)
  for (const piece of request.stream ? piecesOf(text) : [text].filter(Boolean)) {
    signal.throwIfAborted()
    yield { kind: 'text', text: piece }
  }
  for (const [n, { tool, input }] of calls.entries())
    yield { kind: 'call', call: { id: `rules-${request.messages.length}-${n}`, name: tool.name, input } }
  const reason = calls.length > 0 ? 'calls' : text.length < whole.length ? 'length' : 'stop'
  yield { kind: 'end', reason, usage: usageOf(request, text) }
}

/** The model that is always there: rules instead of a network, the same answer to the same messages. */
export const rulesModel = (): Model => ({
  id: 'rules',
  historyLimit,
  generate: (request, { signal }) => generate(request, signal),
})
