import { createHash, timingSafeEqual } from 'node:crypto'
import {
  type AuditEntry,
  type AuditLog,
  ClientError,
  type KeyRotation,
  type Principal,
  type SecureStorage,
} from '@covent/core'
import * as z from 'zod'
import { route } from '../../http/route.ts'
import { pageOf } from '../../schemas/page.ts'
import { newSecret, secretName, secretSchema, secretValue, secretView } from '../../schemas/secret.ts'

export interface SecretDeps {
  readonly secrets: SecureStorage
  readonly rotation: KeyRotation
  readonly audit: Pick<AuditLog, 'record'>
}

const record = (
  { audit }: SecretDeps,
  { id }: Principal,
  what: Omit<AuditEntry, 'actor' | 'outcome'>,
): Promise<void> => audit.record({ ...what, actor: { kind: 'principal', id }, outcome: 'allowed' })

const set = (deps: SecretDeps) =>
  route({
    method: 'POST',
    path: '/api/secrets',
    operationId: 'setSecret',
    summary: 'Keep a secret, or a new value of one',
    scope: 'secrets:write',
    body: newSecret,
    responses: { 200: { description: 'It is kept; the value is never shown again', schema: secretSchema } },
    async handle({ principal, body }) {
      await record(deps, principal, { action: 'secret.set', target: body.name })
      return { status: 200, body: secretView(await deps.secrets.set(body.name, body.value)) }
    },
  })

/** Digests have one length, so that comparing them tells nothing of the value. */
const isSame = (one: string, other: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

const verified = z.object({ isSame: z.boolean() }).meta({ id: 'VerifiedSecret' })

const verify = ({ secrets }: SecretDeps) =>
  route({
    method: 'POST',
    path: '/api/secrets/:name/verify',
    operationId: 'verifySecret',
    summary: 'Compare a secret with a value, which is never shown',
    scope: 'secrets:write',
    params: z.object({ name: secretName }),
    body: secretValue,
    responses: { 200: { description: 'Whether that is its value', schema: verified } },
    async handle({ params, body }) {
      const value = await secrets.get(params.name)
      return { status: 200, body: { isSame: value !== undefined && isSame(value, body.value) } }
    },
  })

const list = ({ secrets }: SecretDeps) =>
  route({
    method: 'GET',
    path: '/api/secrets',
    operationId: 'listSecrets',
    summary: 'Names of secrets, never values',
    scope: 'secrets:read',
    responses: { 200: { description: 'All of them', schema: pageOf(secretSchema) } },
    handle: async () => ({ status: 200, body: { items: (await secrets.list()).map(secretView) } }),
  })

const remove = (deps: SecretDeps) =>
  route({
    method: 'DELETE',
    path: '/api/secrets/:name',
    operationId: 'deleteSecret',
    summary: 'Forget a secret',
    scope: 'secrets:write',
    params: z.object({ name: secretName }),
    responses: { 204: { description: 'It is gone' } },
    async handle({ principal, params }) {
      await record(deps, principal, { action: 'secret.delete', target: params.name })
      if (await deps.secrets.delete(params.name)) return { status: 204 }
      throw new ClientError('request.not-found', 'There is no secret of that name.')
    },
  })

const rotated = z.object({ keyId: z.string(), rewrapped: z.int() }).meta({ id: 'KeyRotation' })

const rotate = (deps: SecretDeps) =>
  route({
    method: 'POST',
    path: '/api/master-key/rotate',
    operationId: 'rotateMasterKey',
    summary: 'Make a new master key and encrypt all secrets anew under it',
    scope: 'secrets:write',
    rate: 'expensive',
    responses: {
      200: { description: 'The new key’s id, and how many secrets lie under it now', schema: rotated },
    },
    async handle({ principal }) {
      await record(deps, principal, { action: 'master-key.rotate' })
      return { status: 200, body: await deps.rotation.rotate() }
    },
  })

export const secretRoutes = (deps: SecretDeps) => [
  set(deps),
  verify(deps),
  list(deps),
  remove(deps),
  rotate(deps),
]
