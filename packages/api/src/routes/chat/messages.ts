import {
  type AcceptedTurn,
  ClientError,
  type ToldEvent,
  type TurnResult,
  ValidationError,
} from '@covent/core'
import * as z from 'zod'
import type { Chain } from '../../http/chain.ts'
import { errorAnswer, titleOf } from '../../http/errors.ts'
import type { Exchange } from '../../http/exchange.ts'
import { type Answer, answered, route } from '../../http/route.ts'
import { conversationId, messageSchema, messageView, newMessage } from '../../schemas/conversation.ts'
import { pageOf, pageQuery } from '../../schemas/page.ts'
import { frame, streamEvent } from '../../schemas/turn-event.ts'
import { openStream, until } from '../../serving/event-stream.ts'

const params = z.object({ id: conversationId })
const answer = z.object({ message: messageSchema, reply: messageSchema }).meta({ id: 'AnsweredMessage' })

const idempotencyKey = ({ request }: Exchange): string | undefined => {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw new ValidationError(
    'validation.failed',
    'Idempotency-Key: 1 to 255 visible ASCII characters without spaces',
  )
}

const wantsEvents = ({ request }: Exchange): boolean =>
  request.headers.accept?.includes('text/event-stream') === true

/** The end of the turn, or of the server's patience. */
const resultOf = async (chain: Chain, turn: AcceptedTurn): Promise<TurnResult> => {
  const stopped = Promise.withResolvers<never>()
  const stop = (): void => {
    const message = `The server stops; message ${turn.message.id} is kept and answered after its next start.`
    stopped.reject(
      new ClientError('request.shutting-down', message, { data: { messageId: turn.message.id } }),
    )
  }
  chain.ending.addEventListener('abort', stop, { once: true })
  if (chain.ending.aborted) stop()
  try {
    return await Promise.race([turn.result(), stopped.promise])
  } finally {
    chain.ending.removeEventListener('abort', stop)
  }
}

const answerWhole = async (chain: Chain, exchange: Exchange, turn: AcceptedTurn): Promise<Answer> => {
  const { message, reply, error } = await resultOf(chain, turn)
  if (reply !== undefined)
    return { status: 200, body: { message: messageView(message), reply: messageView(reply) } }
  const { status, code, message: detail } = error ?? unexplained
  return errorAnswer(exchange, {
    status,
    code,
    title: titleOf(code),
    detail,
    data: { messageId: message.id },
  })
}

const unexplained = { status: 500, code: 'request.failed', message: 'The turn failed.' }

/** Tells the turn as it goes. A client that leaves only stops reading: the turn is the runtime's. */
const stream = async (chain: Chain, exchange: Exchange, turn: AcceptedTurn): Promise<typeof answered> => {
  const out = openStream(chain, exchange)
  let last: ToldEvent | undefined
  try {
    for await (const told of until(turn.events(), out.over)) {
      await out.write(frame(told.id, streamEvent(told.event)))
      last = told
    }
    // Under the id of the last that was told: whoever comes back with it misses nothing.
    if (last?.event.kind !== 'end')
      await out.write(frame(last?.id, { event: 'end', data: { reason: 'stopped' } }))
  } finally {
    out.end()
  }
  return answered
}

const post = (chain: Chain) =>
  route({
    method: 'POST',
    path: '/api/conversations/:id/messages',
    operationId: 'postMessage',
    rate: 'chat',
    summary: 'Say something; answers when the turn has ended, or as it goes with Accept: text/event-stream',
    scope: 'chat:write',
    owned: true,
    params,
    body: newMessage,
    responses: {
      200: {
        description: 'Your message and the reply',
        schema: answer,
        also: { 'text/event-stream': 'accepted, delta, action, message, error, end' },
      },
    },
    async handle({ exchange, principal, params, body }) {
      const key = idempotencyKey(exchange)
      const events = wantsEvents(exchange)
      const turn = await chain.deps.runtime.accept({
        principalId: principal.id,
        conversationId: params.id,
        text: body.text,
        ...(key !== undefined && { idempotencyKey: key }),
        stream: events,
      })
      return events ? stream(chain, exchange, turn) : answerWhole(chain, exchange, turn)
    },
  })

const list = ({ deps: { stores } }: Chain) =>
  route({
    method: 'GET',
    path: '/api/conversations/:id/messages',
    operationId: 'listMessages',
    summary: 'Messages of a conversation, oldest first',
    scope: 'conversations:read',
    owned: true,
    params,
    query: pageQuery,
    responses: { 200: { description: 'A page', schema: pageOf(messageSchema) } },
    async handle({ principal, params, query }) {
      const found = await stores.conversations.find(params.id, principal.id)
      if (found === undefined)
        throw new ClientError('request.not-found', 'There is no conversation of that id.')
      const page = await stores.messages.page(params.id, query)
      return { status: 200, body: { ...page, items: page.items.map(messageView) } }
    },
  })

export const messageRoutes = (chain: Chain) => [post(chain), list(chain)]
