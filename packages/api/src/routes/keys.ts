import {
  type ApiKeys,
  AuthError,
  ClientError,
  type NewKey,
  type Principal,
  type Role,
  roles,
} from '@covent/core'
import * as z from 'zod'
import { route } from '../http/route.ts'
import { createdKey, keyId, keySchema, keyView, newKey } from '../schemas/key.ts'
import { pageOf } from '../schemas/page.ts'

const outranks = (one: Role, other: Role): boolean => roles.indexOf(one) < roles.indexOf(other)

/** Nobody hands out more than he holds. */
const checkHandedOut = (principal: Principal, request: Pick<NewKey, 'role' | 'scopes'>): void => {
  if (outranks(request.role, principal.role))
    throw new AuthError(
      'auth.forbidden',
      `A key of role ${principal.role} cannot make one of role ${request.role}.`,
    )
  const own = principal.scopes
  if (own === undefined || request.scopes?.every((scope) => own.includes(scope)) === true) return
  throw new AuthError(
    'auth.forbidden',
    `scopes: a key with scopes makes keys with scopes of its own: ${own.join(', ')}`,
  )
}

const create = (keys: ApiKeys) =>
  route({
    method: 'POST',
    path: '/api/keys',
    operationId: 'createKey',
    summary: 'Make a key',
    scope: 'keys:write',
    body: newKey,
    responses: { 201: { description: 'The key; its text is shown this once', schema: createdKey } },
    async handle({ principal, body }) {
      const { name, role, scopes, expiresAt } = body
      const request = {
        name,
        role,
        ...(scopes !== undefined && { scopes }),
        ...(expiresAt !== undefined && { expiresAt: Date.parse(expiresAt) }),
      }
      checkHandedOut(principal, request)
      return { status: 201, body: await keys.create(request) }
    },
  })

const list = (keys: ApiKeys) =>
  route({
    method: 'GET',
    path: '/api/keys',
    operationId: 'listKeys',
    summary: 'All keys, without their text',
    scope: 'keys:read',
    responses: { 200: { description: 'All of them', schema: pageOf(keySchema) } },
    handle: async () => ({ status: 200, body: { items: (await keys.list()).map(keyView) } }),
  })

const revoke = (keys: ApiKeys) =>
  route({
    method: 'DELETE',
    path: '/api/keys/:id',
    operationId: 'revokeKey',
    summary: 'Revoke a key',
    scope: 'keys:write',
    params: z.object({ id: keyId }),
    responses: { 204: { description: 'No request gets in with it any more' } },
    async handle({ principal, params }) {
      const key = (await keys.list()).find(({ id }) => id === params.id)
      if (key !== undefined && outranks(key.role, principal.role))
        throw new AuthError(
          'auth.forbidden',
          `A key of role ${principal.role} cannot revoke one of role ${key.role}.`,
        )
      if (await keys.revoke(params.id)) return { status: 204 }
      throw new ClientError('request.not-found', 'There is no live key of that id.')
    },
  })

export const keyRoutes = (keys: ApiKeys) => [create(keys), list(keys), revoke(keys)]
