import { ClientError, durableEvent, newId, ValidationError } from '@covent/core'
import * as z from 'zod'
import type { ApiDeps } from '../../api-deps.ts'
import { route } from '../../http/route.ts'
import { conversationId, conversationSchema, conversationView } from '../../schemas/conversation.ts'
import { pageOf, pageQuery } from '../../schemas/page.ts'

type Deps = Pick<ApiDeps, 'runtime' | 'stores' | 'events' | 'clock'>

const params = z.object({ id: conversationId })
const notFound = (): ClientError =>
  new ClientError('request.not-found', 'There is no conversation of that id.')

const characterOf = ({ runtime }: Deps, wanted: string | undefined): string => {
  const character = wanted ?? runtime.characters[0]
  if (character !== undefined && runtime.characters.includes(character)) return character
  const message = `character: is one of ${runtime.characters.join(', ')}`
  throw new ValidationError('validation.failed', message, { data: { param: 'character' } })
}

const create = (deps: Deps) =>
  route({
    method: 'POST',
    path: '/api/conversations',
    operationId: 'createConversation',
    summary: 'Begin a conversation',
    scope: 'conversations:write',
    body: z.strictObject({ character: z.string().min(1).max(100).optional() }),
    responses: { 201: { description: 'It stands', schema: conversationSchema } },
    async handle({ principal, body }) {
      const createdAt = deps.clock.now()
      const character = characterOf(deps, body.character)
      const conversation = { id: newId('conv', createdAt), principalId: principal.id, character, createdAt }
      await deps.stores.conversations.create(conversation)
      deps.events.emit('conversation.started', { conversationId: conversation.id, principalId: principal.id })
      return { status: 201, body: conversationView(conversation) }
    },
  })

const list = ({ stores }: Deps) =>
  route({
    method: 'GET',
    path: '/api/conversations',
    operationId: 'listConversations',
    summary: 'Your conversations, oldest first',
    scope: 'conversations:read',
    owned: true,
    query: pageQuery,
    responses: { 200: { description: 'A page', schema: pageOf(conversationSchema) } },
    async handle({ principal, query }) {
      const page = await stores.conversations.list(principal.id, query)
      return { status: 200, body: { ...page, items: page.items.map(conversationView) } }
    },
  })

const get = ({ stores }: Deps) =>
  route({
    method: 'GET',
    path: '/api/conversations/:id',
    operationId: 'getConversation',
    summary: 'One of your conversations',
    scope: 'conversations:read',
    owned: true,
    params,
    responses: { 200: { description: 'It', schema: conversationSchema } },
    async handle({ principal, params }) {
      const found = await stores.conversations.find(params.id, principal.id)
      if (found === undefined) throw notFound()
      return { status: 200, body: conversationView(found) }
    },
  })

const remove = ({ stores, events, clock }: Deps) =>
  route({
    method: 'DELETE',
    path: '/api/conversations/:id',
    operationId: 'deleteConversation',
    summary: 'Delete a conversation with all its messages',
    scope: 'conversations:write',
    owned: true,
    params,
    responses: { 204: { description: 'It is gone' } },
    async handle({ principal, params }) {
      const ended = { conversationId: params.id, principalId: principal.id }
      const event = durableEvent('conversation.ended', ended, clock.now())
      if (!(await stores.conversations.remove(params.id, principal.id, event))) throw notFound()
      events.emit('conversation.ended', ended)
      return { status: 204 }
    },
  })

/** A conversation belongs to its principal; to others it does not exist. */
export const conversationRoutes = (deps: Deps) => [create(deps), list(deps), get(deps), remove(deps)]
