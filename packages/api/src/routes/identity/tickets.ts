import { ValidationError } from '@covent/core'
import * as z from 'zod'
import { credentialOf } from '../../http/authenticate.ts'
import type { Chain } from '../../http/chain.ts'
import { route } from '../../http/route.ts'

const newTicket = z.strictObject({
  path: z
    .string()
    .max(300)
    .regex(/^(?:\/[\w.~:@-]+)+$/, 'is the path of the stream, without a query')
    .describe('Of the stream that it is for'),
})
const ticketSchema = z.object({ ticket: z.string(), expiresAt: z.iso.datetime() })

/** A browser's `EventSource` and `WebSocket` send no header; a key never stands in a URL. */
export const ticketRoutes = ({ deps: { tickets } }: Chain) => [
  route({
    method: 'POST',
    path: '/api/tickets',
    operationId: 'makeTicket',
    summary:
      'A ticket for ?ticket= of one event stream, where no header can be sent: once, within 30 seconds',
    scope: 'conversations:read',
    body: newTicket,
    responses: { 201: { description: 'A ticket', schema: ticketSchema } },
    handle({ exchange, body: { path } }) {
      const credential = credentialOf(exchange)
      // The cookie of a session comes along by itself.
      if (credential === undefined)
        throw new ValidationError(
          'validation.failed',
          'A ticket stands for a key, and this request has none.',
        )
      const { ticket, expiresAt } = tickets.make(credential, path)
      return { status: 201, body: { ticket, expiresAt: new Date(expiresAt).toISOString() } }
    },
  }),
]
