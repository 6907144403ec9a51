import type { PluginRegistry } from '@covent/core'
import * as z from 'zod'
import { route } from '../../http/route.ts'
import { pageOf } from '../../schemas/page.ts'
import { newTrust, trustedKeyId, trustedKeySchema, trustedKeyView } from '../../schemas/trust.ts'

const ofKey = z.object({ keyId: trustedKeyId })

const list = (registry: PluginRegistry) =>
  route({
    method: 'GET',
    path: '/api/trust',
    operationId: 'listTrustedKeys',
    summary: 'Keys whose signatures on plugins count, and revoked ones',
    scope: 'plugins:read',
    responses: { 200: { description: 'All of them', schema: pageOf(trustedKeySchema) } },
    handle: async () => ({ status: 200, body: { items: (await registry.trust.list()).map(trustedKeyView) } }),
  })

const add = (registry: PluginRegistry) =>
  route({
    method: 'POST',
    path: '/api/trust',
    operationId: 'trustKey',
    summary: 'Trust a key for the ids of its namespaces, in place of what was said of it before',
    scope: 'plugins:write',
    body: newTrust,
    responses: { 201: { description: 'It is trusted', schema: trustedKeySchema } },
    async handle({ body: { expires, ...terms } }) {
      const expiresAt = expires === undefined ? undefined : Date.parse(expires)
      return { status: 201, body: trustedKeyView(await registry.trust.add({ ...terms, expiresAt })) }
    },
  })

const revoke = (registry: PluginRegistry) =>
  route({
    method: 'POST',
    path: '/api/trust/:keyId/revoke',
    operationId: 'revokeTrustedKey',
    summary: 'Trust a key no longer, and remember that; plugins that it signed stop',
    scope: 'plugins:write',
    params: ofKey,
    responses: { 204: { description: 'It is revoked' } },
    async handle({ params }) {
      await registry.trust.revoke(params.keyId)
      return { status: 204 }
    },
  })

const remove = (registry: PluginRegistry) =>
  route({
    method: 'DELETE',
    path: '/api/trust/:keyId',
    operationId: 'removeTrustedKey',
    summary: 'Trust a key no longer; plugins that it signed stop',
    scope: 'plugins:write',
    params: ofKey,
    responses: { 204: { description: 'It is gone' } },
    async handle({ params }) {
      await registry.trust.remove(params.keyId)
      return { status: 204 }
    },
  })

export const trustRoutes = (registry: PluginRegistry) => [
  list(registry),
  add(registry),
  revoke(registry),
  remove(registry),
]
