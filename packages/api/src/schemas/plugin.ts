import type { PluginDetails } from '@covent/core'
import * as z from 'zod'
import { isoTime, time } from './page.ts'

const isolation = z.enum(['inline', 'worker', 'process-weak', 'process', 'container', 'vm', 'unavailable'])
export const pluginState = z.enum([
  'disabled',
  'starting',
  'ready',
  'degraded',
  'draining',
  'stopped',
  'quarantined',
  'refused',
])

const facts = {
  id: z.string(),
  version: z.string(),
  state: pluginState,
  isolation,
  trust: z
    .enum(['first-party', 'signed', 'unverified'])
    .meta({ description: 'Who vouches for its origin; none of them says that it is safe.' }),
  grants: z.array(z.string()),
  reason: z.string().optional(),
  actions: z.array(z.string()),
}

export const pluginSchema = z.object(facts).meta({ id: 'Plugin' })
export type PluginView = z.output<typeof pluginSchema>

export const permissionSchema = z
  .object({
    permission: z.string(),
    need: z.enum(['required', 'optional']),
    state: z.enum(['granted', 'denied', 'pending']),
    reason: z.string().meta({ description: 'The author’s words.' }),
    scope: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Hosts, paths, names: what it would reach.' }),
    risk: z
      .enum(['low', 'medium', 'high', 'extreme'])
      .meta({ description: 'Beside what else the plugin asks for; extreme is granted by name only.' }),
    sentence: z.string().meta({ description: 'What it means, after "Weather wants to".' }),
  })
  .meta({ id: 'PluginPermission' })
export type PermissionView = z.output<typeof permissionSchema>

export const pluginDetails = z
  .object({
    ...facts,
    package: z
      .object({
        description: z.string(),
        digest: z.string().meta({ description: 'SHA-256 of its plugin.json, to which grants are bound.' }),
        keyId: z.string().optional().meta({ description: 'Who signed it; absent where nobody did.' }),
        installedAt: time,
        permissions: z.array(permissionSchema),
      })
      .optional()
      .meta({ description: 'Absent where it comes with the server or from a folder.' }),
  })
  .meta({ id: 'PluginDetails' })
export type PluginDetailsView = z.output<typeof pluginDetails>

export const pluginView = ({ package: found, ...info }: PluginDetails): PluginDetailsView => ({
  ...info,
  grants: [...info.grants],
  actions: [...info.actions],
  ...(found && {
    package: {
      ...found,
      installedAt: isoTime(found.installedAt),
      permissions: found.permissions.map((one) => ({ ...one, scope: { ...one.scope } })),
    },
  }),
})

const permission = z.string().regex(/^[a-z]+(:[a-z]+)+$/, 'is not a permission like data:database')
const wish = z.union([z.literal('all'), z.array(permission).max(50)])

export const newPlugin = z.strictObject({
  package: z.base64().meta({ description: 'The .tgz of `covent plugin build`, in base64.' }),
  allowUnsigned: z.boolean().default(false).meta({ description: 'Lets it in although nobody signed it.' }),
  grant: wish.default([]).meta({ description: '`all` leaves out what has to be named one by one.' }),
})
export type NewPluginBody = z.input<typeof newPlugin>

export const grantChange = z.strictObject({ grant: wish.default([]), revoke: wish.default([]) })
export type GrantChangeBody = z.input<typeof grantChange>

export const pluginId = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9-]*)+$/)
export const actionName = z
  .string()
  .max(48)
  .regex(/^[a-zA-Z][a-zA-Z0-9_]*$/)
