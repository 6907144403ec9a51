import type { AuditLog, Stores } from '@covent/core'
import { route } from '../../http/route.ts'
import {
  deadLetterQuery,
  deadLetterSchema,
  deadLetterView,
  redriveBody,
  redrivenSchema,
} from '../../schemas/dead-letter.ts'
import { pageOf } from '../../schemas/page.ts'

export interface DeadLetterDeps {
  readonly stores: Pick<Stores, 'outbox'>
  readonly audit: Pick<AuditLog, 'record'>
}

const list = ({ stores }: DeadLetterDeps) =>
  route({
    method: 'GET',
    path: '/api/events/dead',
    operationId: 'listDeadLetters',
    summary: 'Durable events that failed at all their attempts',
    scope: 'events:read',
    query: deadLetterQuery,
    responses: { 200: { description: 'A page, oldest first', schema: pageOf(deadLetterSchema) } },
    async handle({ query }) {
      const { items, ...rest } = await stores.outbox.dead(query)
      return { status: 200, body: { items: items.map(deadLetterView), ...rest } }
    },
  })

const redrive = ({ stores, audit }: DeadLetterDeps) =>
  route({
    method: 'POST',
    path: '/api/events/dead/redrive',
    operationId: 'redriveDeadLetters',
    summary: 'Try dead letters again: one, or all of a consumer',
    scope: 'events:write',
    body: redriveBody,
    responses: { 200: { description: 'They are open again', schema: redrivenSchema } },
    async handle({ principal, body: { consumer, id } }) {
      await audit.record({
        actor: { kind: 'principal', id: principal.id },
        action: 'event.redrive',
        target: id ?? consumer,
        outcome: 'allowed',
        data: { consumer },
      })
      return { status: 200, body: { count: await stores.outbox.redrive(consumer, id) } }
    },
  })

export const deadLetterRoutes = (deps: DeadLetterDeps) => [list(deps), redrive(deps)]
