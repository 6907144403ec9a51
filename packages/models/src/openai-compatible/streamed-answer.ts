import type { ModelEvent, Usage } from '@covent/core'
import { createParser } from 'eventsource-parser'
import { endReason, firstChoice, isFields, parseFields, textOf, throwSaidError, usageOf } from './answer.ts'
import { chunks } from './chunks.ts'
import type { Endpoint } from './endpoint.ts'
import type { Answered } from './post.ts'
import { nonsense } from './failure.ts'
import { fragments } from './fragments.ts'

const maxEventLength = 1024 * 1024

/** Splits chunks of text into the data of server-sent events. */
async function* dataOf(endpoint: Endpoint, source: AsyncIterable<string>): AsyncGenerator<string, void> {
  const ready: string[] = []
  let isTooLong = false
  const parser = createParser({
    maxBufferSize: maxEventLength,
    onEvent: (event) => void ready.push(event.data),
    onError: (error) => (isTooLong ||= error.type === 'max-buffer-size-exceeded'),
  })
  for await (const chunk of source) {
    parser.feed(chunk)
    if (isTooLong) throw nonsense(endpoint, `sent an event of more than ${maxEventLength} characters`)
    yield* ready.splice(0)
  }
}

/** The events of an answer that comes as server-sent events. */
export async function* streamedAnswer(
  endpoint: Endpoint,
  answered: Answered,
): AsyncGenerator<ModelEvent, void> {
  const made = fragments(endpoint)
  let usage: Usage = usageOf(undefined)
  let finish: unknown
  for await (const data of dataOf(endpoint, chunks(endpoint, answered))) {
    answered.isWhole = data === '[DONE]'
    if (answered.isWhole) break
    const fields = parseFields(endpoint, data)
    throwSaidError(endpoint, fields)
    if (isFields(fields['usage'])) usage = usageOf(fields['usage'])
    const choice = firstChoice(fields)
    finish = choice?.['finish_reason'] ?? finish
    const delta = isFields(choice?.['delta']) ? choice['delta'] : {}
    made.add(delta['tool_calls'])
    const text = textOf(delta['content'])
    if (text !== '') yield { kind: 'text', text }
  }
  if (typeof finish !== 'string') throw nonsense(endpoint, 'ended its stream in the middle of an answer')
  const calls = made.calls()
  for (const call of calls) yield { kind: 'call', call }
  yield { kind: 'end', reason: endReason(finish, calls), usage }
}
