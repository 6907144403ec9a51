import { PluginError, type PluginRegistry } from '@covent/core'
import * as z from 'zod'
import { route } from '../../http/route.ts'
import { pageOf } from '../../schemas/page.ts'
import {
  actionName,
  consentBody,
  grantChange,
  newPlugin,
  packageBody,
  permissionSchema,
  pluginDetails,
  pluginId,
  pluginSchema,
  pluginView,
  previewSchema,
  previewView,
  reconfiguredSchema,
} from '../../schemas/plugin.ts'

const ofPlugin = z.object({ id: pluginId })
/** Ten megabytes in base64, and the words around them. */
const packageBytes = 14_000_000

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))

const list = (registry: PluginRegistry) =>
  route({
    method: 'GET',
    path: '/api/plugins',
    operationId: 'listPlugins',
    summary: 'Plugins with their state, isolation and grants',
    scope: 'plugins:read',
    responses: { 200: { description: 'All of them', schema: pageOf(pluginSchema) } },
    handle: async () => ({ status: 200, body: { items: await registry.list() } }),
  })

const install = (registry: PluginRegistry) =>
  route({
    method: 'POST',
    path: '/api/plugins',
    operationId: 'installPlugin',
    rate: 'expensive',
    summary: 'Install a package, or a newer version of one, which waits for consent where it may do more',
    scope: 'plugins:write',
    body: newPlugin,
    bodyLimitBytes: packageBytes,
    responses: { 201: { description: 'It is installed and was started', schema: pluginDetails } },
    async handle({ body }) {
      const { allowUnsigned, grant } = body
      const installed = await registry.install(bytesOf(body.package), { allowUnsigned, grant })
      return { status: 201, body: pluginView(installed) }
    },
  })

const preview = (registry: PluginRegistry) =>
  route({
    method: 'POST',
    path: '/api/plugins/preview',
    operationId: 'previewPlugin',
    rate: 'expensive',
    summary: 'Who signed a package, what it asks for, and how it differs from what is installed',
    scope: 'plugins:write',
    body: packageBody,
    bodyLimitBytes: packageBytes,
    responses: { 200: { description: 'Nothing was written, and none of it was run', schema: previewSchema } },
    async handle({ body }) {
      const { allowUnsigned } = body
      const found = await registry.preview(bytesOf(body.package), { allowUnsigned })
      return { status: 200, body: previewView(found) }
    },
  })

const update = (registry: PluginRegistry) =>
  route({
    method: 'POST',
    path: '/api/plugins/:id/update',
    operationId: 'updatePlugin',
    rate: 'expensive',
    summary: 'Put a newer version in place, at once or, where it may do more, after consent',
    scope: 'plugins:write',
    params: ofPlugin,
    body: packageBody,
    bodyLimitBytes: packageBytes,
    responses: {
      200: {
        description: 'It serves; or `update` says that it waits, and the old one serves',
        schema: pluginDetails,
      },
    },
    async handle({ params: { id }, body: { package: packed, allowUnsigned } }) {
      const options = { id, allowUnsigned, grant: [] }
      return { status: 200, body: pluginView(await registry.install(bytesOf(packed), options)) }
    },
  })

const consent = (registry: PluginRegistry) =>
  route({
    method: 'POST',
    path: '/api/plugins/:id/update/consent',
    operationId: 'consentToUpdate',
    summary: 'Let the waiting version of that digest take over, with what it newly requires',
    scope: 'plugins:write',
    params: ofPlugin,
    body: consentBody,
    responses: { 200: { description: 'It serves', schema: pluginDetails } },
    handle: async ({ params, body }) => ({
      status: 200,
      body: pluginView(await registry.consent(params.id, body.digest)),
    }),
  })

const reject = (registry: PluginRegistry) =>
  route({
    method: 'DELETE',
    path: '/api/plugins/:id/update',
    operationId: 'rejectUpdate',
    summary: 'Give a waiting version up',
    scope: 'plugins:write',
    params: ofPlugin,
    responses: { 200: { description: 'The plugin, unchanged', schema: pluginDetails } },
    handle: async ({ params }) => ({ status: 200, body: pluginView(await registry.reject(params.id)) }),
  })

const rollback = (registry: PluginRegistry) =>
  route({
    method: 'POST',
    path: '/api/plugins/:id/rollback',
    operationId: 'rollBackPlugin',
    summary: 'Go back to the version before, with its grants; what was revoked since stays revoked',
    scope: 'plugins:write',
    params: ofPlugin,
    responses: { 200: { description: 'The plugin', schema: pluginDetails } },
    handle: async ({ params }) => ({ status: 200, body: pluginView(await registry.rollback(params.id)) }),
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

const reconfigure = (registry: PluginRegistry) =>
  route({
    method: 'POST',
    path: '/api/plugins/reconfigure',
    operationId: 'reconfigurePlugins',
    summary: 'Read plugins.config anew, and hand each plugin what is different',
    scope: 'plugins:write',
    responses: { 200: { description: 'What became of each change', schema: pageOf(reconfiguredSchema) } },
    handle: async () => ({ status: 200, body: { items: await registry.reconfigure() } }),
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

export const pluginRoutes = (registry: PluginRegistry) => [
  list(registry),
  install(registry),
  preview(registry),
  reconfigure(registry),
  update(registry),
  consent(registry),
  reject(registry),
  rollback(registry),
  show(registry),
  uninstall(registry),
  turn(registry, 'enable'),
  turn(registry, 'disable'),
  call(registry),
  grants(registry),
  decide(registry),
]
