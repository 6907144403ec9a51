import {
  type ApiKeys,
  type AuditLog,
  AuthError,
  ClientError,
  type KeyRecord,
  type Principal,
} from '@covent/core'
import * as z from 'zod'
import { route } from '../../http/route.ts'
import { checkHandedOut, outranks } from '../../identity/handed-out.ts'
import { createdKey, keyId, keySchema, keyView, newKey, overlap } from '../../schemas/key.ts'
import { pageOf } from '../../schemas/page.ts'

export interface KeyDeps {
  readonly keys: ApiKeys
  readonly audit: Pick<AuditLog, 'record'>
}

const hourMs = 3_600_000
const ofKey = z.object({ id: keyId })

const notFound = (): ClientError => new ClientError('request.not-found', 'There is no live key of that id.')

const find = async ({ keys }: KeyDeps, id: string): Promise<Omit<KeyRecord, 'hash'>> => {
  const key = (await keys.list()).find((one) => one.id === id)
  if (key === undefined) throw notFound()
  return key
}

const record = (
  { audit }: KeyDeps,
  { id }: Principal,
  {
    action,
    key,
  }: { readonly action: string; readonly key: Pick<KeyRecord, 'name' | 'role'> & { id?: string } },
): Promise<void> =>
  audit.record({
    actor: { kind: 'principal', id },
    action,
    target: key.id ?? key.name,
    outcome: 'allowed',
    data: { name: key.name, role: key.role },
  })

const create = (deps: KeyDeps) =>
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
      await record(deps, principal, { action: 'key.create', key: request })
      return { status: 201, body: await deps.keys.create(request) }
    },
  })

const list = ({ keys }: KeyDeps) =>
  route({
    method: 'GET',
    path: '/api/keys',
    operationId: 'listKeys',
    summary: 'All keys, without their text',
    scope: 'keys:read',
    responses: { 200: { description: 'All of them', schema: pageOf(keySchema) } },
    handle: async () => ({ status: 200, body: { items: (await keys.list()).map(keyView) } }),
  })

const rotate = (deps: KeyDeps) =>
  route({
    method: 'POST',
    path: '/api/keys/:id/rotate',
    operationId: 'rotateKey',
    summary: 'Make a key in place of another one, which lives on for a while',
    scope: 'keys:write',
    params: ofKey,
    body: overlap,
    responses: { 201: { description: 'The next key; its text is shown this once', schema: createdKey } },
    async handle({ principal, params, body }) {
      const key = await find(deps, params.id)
      checkHandedOut(principal, key)
      await record(deps, principal, { action: 'key.rotate', key })
      const next = await deps.keys.rotate(key.id, body.overlapHours * hourMs)
      if (next === undefined) throw notFound()
      return { status: 201, body: next }
    },
  })

const revoke = (deps: KeyDeps) =>
  route({
    method: 'DELETE',
    path: '/api/keys/:id',
    operationId: 'revokeKey',
    summary: 'Revoke a key',
    scope: 'keys:write',
    params: ofKey,
    responses: { 204: { description: 'No request gets in with it any more' } },
    async handle({ principal, params }) {
      const key = await find(deps, params.id)
      if (outranks(key.role, principal.role))
        throw new AuthError(
          'auth.forbidden',
          `A key of role ${principal.role} cannot revoke one of role ${key.role}.`,
        )
      await record(deps, principal, { action: 'key.revoke', key })
      if (await deps.keys.revoke(key.id)) return { status: 204 }
      throw notFound()
    },
  })

export const keyRoutes = (deps: KeyDeps) => [create(deps), list(deps), rotate(deps), revoke(deps)]
