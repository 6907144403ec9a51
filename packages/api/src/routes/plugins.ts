import type { PluginHost } from '@covent/core'
import * as z from 'zod'
import { route } from '../http/route.ts'
import { pageOf } from '../schemas/page.ts'

const isolation = z.enum(['process', 'process-weak', 'container', 'vm', 'unavailable'])
const state = z.enum([
  'disabled',
  'starting',
  'ready',
  'degraded',
  'draining',
  'stopped',
  'quarantined',
  'refused',
])

const pluginSchema = z
  .object({
    id: z.string(),
    version: z.string(),
    state,
    isolation,
    trust: z.enum(['first-party', 'unverified']),
    grants: z.array(z.string()),
    reason: z.string().optional(),
    actions: z.array(z.string()),
  })
  .meta({ id: 'Plugin' })
export type PluginView = z.output<typeof pluginSchema>

export const pluginRoutes = (plugins: Pick<PluginHost, 'list'>) => [
  route({
    method: 'GET',
    path: '/api/plugins',
    operationId: 'listPlugins',
    summary: 'Plugins with their state, isolation and grants',
    scope: 'plugins:read',
    responses: { 200: { description: 'All of them', schema: pageOf(pluginSchema) } },
    handle: () => ({ status: 200, body: { items: plugins.list() } }),
  }),
]
