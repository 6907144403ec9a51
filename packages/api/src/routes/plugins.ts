import { type PluginHost, PluginError, type PluginRegistry } from '@covent/core'
import * as z from 'zod'
import { route } from '../http/route.ts'
import { pageOf } from '../schemas/page.ts'
import {
  actionName,
  grantChange,
  newPlugin,
  permissionSchema,
  pluginDetails,
  pluginId,
  pluginSchema,
  pluginView,
} from '../schemas/plugin.ts'

const ofPlugin = z.object({ id: pluginId })
/** Ten megabytes in base64, and the words around them. */
const packageBytes = 14_000_000

const list = (plugins: Pick<PluginHost, 'list'>) =>
  route({
    method: 'GET',
    path: '/api/plugins',
    operationId: 'listPlugins',
    summary: 'Plugins with their state, isolation and grants',
    scope: 'plugins:read',
    responses: { 200: { description: 'All of them', schema: pageOf(pluginSchema) } },
    handle: () => ({ status: 200, body: { items: plugins.list() } }),
  })

const install = (registry: PluginRegistry) =>
  route({
    method: 'POST',
    path: '/api/plugins',
    operationId: 'installPlugin',
    rate: 'expensive',
    summary: 'Install a package, or a newer version of one',
    scope: 'plugins:write',
    body: newPlugin,
    bodyLimitBytes: packageBytes,
    responses: { 201: { description: 'It is installed and was started', schema: pluginDetails } },
    async handle({ body }) {
      const { allowUnsigned, grant } = body
      const packed = new Uint8Array(Buffer.from(body.package, 'base64'))
      return { status: 201, body: pluginView(await registry.install(packed, { allowUnsigned, grant })) }
    },
  })

const show = (registry: PluginRegistry) =>
  route({
    method: 'GET',
    path: '/api/plugins/:id',
    operationId: 'showPlugin',
    summary: 'A plugin, with what it asks for and who signed it',
    scope: 'plugins:read',
    params: ofPlugin,
    responses: { 200: { description: 'The plugin', schema: pluginDetails } },
    handle: async ({ params }) => ({ status: 200, body: pluginView(await registry.show(params.id)) }),
  })

const uninstall = (registry: PluginRegistry) =>
  route({
    method: 'DELETE',
    path: '/api/plugins/:id',
    operationId: 'uninstallPlugin',
    summary: 'Stop a plugin and remove it with its grants',
    scope: 'plugins:write',
    params: ofPlugin,
    responses: { 204: { description: 'It is gone' } },
    async handle({ params }) {
      await registry.uninstall(params.id)
      return { status: 204 }
    },
  })

const turn = (registry: PluginRegistry, to: 'enable' | 'disable') =>
  route({
    method: 'POST',
    path: `/api/plugins/:id/${to}`,
    operationId: `${to}Plugin`,
    summary: to === 'enable' ? 'Start an installed plugin' : 'Stop a plugin, also over restarts',
    scope: 'plugins:write',
    params: ofPlugin,
    responses: { 200: { description: 'The plugin', schema: pluginDetails } },
    handle: async ({ params }) => ({ status: 200, body: pluginView(await registry[to](params.id)) }),
  })

const call = (registry: PluginRegistry) =>
  route({
    method: 'POST',
    path: '/api/plugins/:id/actions/:action',
    operationId: 'callAction',
    summary: 'Call an action; effects beyond write need actions.allow',
    scope: 'plugins:write',
    params: z.object({ id: pluginId, action: actionName }),
    body: z.strictObject({ input: z.unknown() }),
    responses: { 200: { description: 'What it returned', schema: z.object({ output: z.unknown() }) } },
    async handle({ exchange, principal, params, body }) {
      const { id: plugin, action } = params
      const wanted = { plugin, action, input: body.input, principalId: principal.id }
      const gone = new AbortController()
      exchange.response.once('close', () =>
        gone.abort(new PluginError('plugin.unavailable', 'nobody waits for it')),
      )
      return { status: 200, body: { output: await registry.call(wanted, gone.signal) } }
    },
  })

const grants = (registry: PluginRegistry) =>
  route({
    method: 'GET',
    path: '/api/plugins/:id/grants',
    operationId: 'listGrants',
    summary: 'What a plugin asks for, and what was decided',
    scope: 'plugins:read',
    params: ofPlugin,
    responses: { 200: { description: 'All of it', schema: pageOf(permissionSchema) } },
    async handle({ params }) {
      const { package: found } = pluginView(await registry.show(params.id))
      return { status: 200, body: { items: found?.permissions ?? [] } }
    },
  })

const decide = (registry: PluginRegistry) =>
  route({
    method: 'POST',
    path: '/api/plugins/:id/grants',
    operationId: 'changeGrants',
    summary: 'Grant or revoke permissions of exactly this version; it takes effect at once',
    scope: 'plugins:write',
    params: ofPlugin,
    body: grantChange,
    responses: { 200: { description: 'The plugin', schema: pluginDetails } },
    async handle({ params: { id }, body: { grant, revoke } }) {
      if (revoke.length > 0) await registry.revoke(id, revoke)
      if (grant.length > 0) await registry.grant(id, grant)
      return { status: 200, body: pluginView(await registry.show(id)) }
    },
  })

export const pluginRoutes = (plugins: Pick<PluginHost, 'list'>, registry: PluginRegistry) => [
  list(plugins),
  install(registry),
  show(registry),
  uninstall(registry),
  turn(registry, 'enable'),
  turn(registry, 'disable'),
  call(registry),
  grants(registry),
  decide(registry),
]
