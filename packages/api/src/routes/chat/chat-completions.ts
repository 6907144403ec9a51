import { ClientError, type EphemeralEvent, type EphemeralTurn, newId } from '@covent/core'
import * as z from 'zod'
import { type Answering, actionOf, chunks, usageOf } from '../../chat/chunks.ts'
import { modelMessages } from '../../chat/messages.ts'
import { characterOf } from '../../chat/model-id.ts'
import { type ChatRequest, chatRequest } from '../../chat/request.ts'
import type { Chain } from '../../http/chain.ts'
import { faultOf, openAiError } from '../../http/errors.ts'
import type { Exchange } from '../../http/exchange.ts'
import { type Answer, answered, route } from '../../http/route.ts'
import { openStream } from '../../serving/event-stream.ts'

const completion = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.object({
        index: z.int(),
        message: z.object({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
        logprobs: z.null(),
        finish_reason: z.enum(['stop', 'length']),
      }),
    ),
    usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() }),
    covent: z.object({ actions: z.array(z.unknown()) }).optional(),
  })
  .meta({ id: 'ChatCompletion' })

type Events = AsyncIterable<EphemeralEvent>

const turnOf = (chain: Chain, body: ChatRequest, principalId: string): EphemeralTurn => {
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? undefined
  const temperature = body.temperature ?? undefined
  return {
    principalId,
    messages: modelMessages(body.messages),
    character: characterOf(chain.deps.runtime, body.model),
    stream: body.stream === true,
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
  }
}

/** Aborted when nobody waits for the answer any more. */
const abandoned = (chain: Chain, { response }: Exchange): AbortSignal => {
  const controller = new AbortController()
  const stop = (): void =>
    controller.abort(new ClientError('request.shutting-down', 'The server stops; ask again.'))
  chain.ending.addEventListener('abort', stop, { once: true })
  if (chain.ending.aborted) stop()
  response.once('close', () => {
    chain.ending.removeEventListener('abort', stop)
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}

const whole = async (events: Events, answering: Answering): Promise<Answer> => {
  const actions: unknown[] = []
  for await (const event of events) {
    if (event.kind === 'action') actions.push(actionOf(event))
    if (event.kind !== 'end') continue
    const message = { role: 'assistant', content: event.text, refusal: null }
    const choice = { index: 0, message, logprobs: null, finish_reason: event.reason }
    const usage = usageOf(event.usage)
    const covent = actions.length > 0 ? { covent: { actions } } : {}
    return {
      status: 200,
      body: { ...answering, object: 'chat.completion', choices: [choice], usage, ...covent },
    }
  }
  throw new Error('the runtime ended an answer without its end event')
}

const frameOf = (event: EphemeralEvent, frames: ReturnType<typeof chunks>): string => {
  switch (event.kind) {
    case 'delta':
      return frames.text(event.text)
    case 'action':
      return frames.action(event)
    default:
      return frames.finish(event.reason, event.usage) + frames.done
  }
}

interface Streamed {
  readonly chain: Chain
  readonly exchange: Exchange
  readonly frames: ReturnType<typeof chunks>
}

/** Begins with the first event, so that what fails before it is answered with its own status. */
const streamed = async (events: Events, { chain, exchange, frames }: Streamed): Promise<typeof answered> => {
  const iterator = events[Symbol.asyncIterator]()
  let step = await iterator.next()
  const out = openStream(chain, exchange)
  try {
    await out.write(frames.begin())
    while (step.done !== true) {
      await out.write(frameOf(step.value, frames))
      step = await iterator.next()
    }
  } catch (error) {
    const fault = faultOf(error)
    if (fault.status >= 500 && !out.over.aborted)
      chain.deps.logger.error('stream failed', { code: fault.code, error })
    await out.write(frames.error(openAiError(fault)))
  } finally {
    out.end()
  }
  return answered
}

/** Each request is one turn of its own: the history is what the client sends, and nothing is kept but the journal. */
export const chatCompletionRoutes = (chain: Chain) => [
  route({
    method: 'POST',
    path: '/v1/chat/completions',
    operationId: 'createChatCompletion',
    rate: 'chat',
    summary: 'Answer a history, in the shape of OpenAI',
    scope: 'chat:write',
    body: chatRequest,
    responses: {
      200: {
        description: 'The answer',
        schema: completion,
        also: { 'text/event-stream': 'chat.completion.chunk objects, then [DONE]' },
      },
    },
    async handle({ exchange, principal, body }) {
      const { clock, runtime } = chain.deps
      const now = clock.now()
      const answering = { id: newId('chatcmpl', now), created: Math.floor(now / 1000), model: body.model }
      const events = runtime.answer(turnOf(chain, body, principal.id), abandoned(chain, exchange))
      if (body.stream !== true) return whole(events, answering)
      const frames = chunks(answering, body.stream_options?.include_usage === true)
      return streamed(events, { chain, exchange, frames })
    },
  }),
]
