import * as z from 'zod'
import type { Chain } from '../../http/chain.ts'
import type { Exchange } from '../../http/exchange.ts'
import { answered, type Route, route } from '../../http/route.ts'
import { conversationId } from '../../schemas/conversation.ts'
import { frame, streamEvent } from '../../schemas/turn-event.ts'
import { openStream, until } from '../../serving/event-stream.ts'

const lastEventId = ({ request }: Exchange): string | undefined => {
  const id = request.headers['last-event-id']
  return typeof id === 'string' && id !== '' ? id.slice(0, 255) : undefined
}

/** A stream that breaks is gone on with by any replica, from the id of the last event that came. */
export const conversationEventRoutes = (chain: Chain): readonly Route[] => [
  route({
    method: 'GET',
    path: '/api/conversations/:id/events',
    operationId: 'followConversation',
    summary:
      'What happens in a conversation, as it happens; Last-Event-ID goes on behind an event, on any replica',
    scope: 'conversations:read',
    owned: true,
    ticket: true,
    params: z.object({ id: conversationId }),
    responses: {
      200: {
        description:
          'Its open turns, then those that come; reset where a turn is told from the beginning again',
        also: { 'text/event-stream': 'accepted, reset, delta, action, message, error, end' },
      },
    },
    async handle({ exchange, principal, params }): Promise<typeof answered> {
      const after = lastEventId(exchange)
      const left = new AbortController()
      const events = await chain.deps.runtime.follow(
        { principalId: principal.id, conversationId: params.id, ...(after !== undefined && { after }) },
        left.signal,
      )
      const out = openStream(chain, exchange)
      try {
        for await (const { id, event } of until(events, out.over))
          await out.write(frame(id, streamEvent(event)))
      } finally {
        left.abort()
        out.end()
      }
      return answered
    },
  }),
]
