import type { PluginDetails, PluginPreview } from '@covent/core'
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
  channels: z
    .array(z.object({ name: z.string(), protocol: z.string().optional(), endpoints: z.array(z.string()) }))
    .optional()
    .meta({ description: 'Ties to other places where people talk.' }),
}

const waiting = {
  version: z.string(),
  state: z.enum(['update-pending-consent']).meta({ description: 'The version in force serves meanwhile.' }),
}

export const pluginSchema = z
  .object({
    ...facts,
    update: z.object(waiting).optional().meta({ description: 'A new version that waits for consent.' }),
  })
  .meta({ id: 'Plugin' })
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

const findingSchema = z
  .object({
    what: z.string().meta({ description: 'The place in the manifest, or `signature`.' }),
    before: z.unknown().optional().meta({ description: 'Absent where there was nothing.' }),
    after: z.unknown().optional().meta({ description: 'Absent where nothing is left.' }),
    widens: z.boolean().meta({ description: 'It may do more than before: this waits for consent.' }),
  })
  .meta({ id: 'PluginUpdateFinding' })
export type FindingView = z.output<typeof findingSchema>

const digestSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hex')
  .meta({ description: 'SHA-256 of a plugin.json.' })

const updateSchema = z
  .object({
    ...waiting,
    digest: digestSchema,
    keyId: z.string().optional().meta({ description: 'Who signed it; absent where nobody did.' }),
    findings: z.array(findingSchema),
    reason: z.string().optional().meta({ description: 'Why its package cannot be read any more.' }),
  })
  .meta({ id: 'PluginUpdate' })

export const pluginDetails = z
  .object({
    ...facts,
    update: updateSchema.optional().meta({ description: 'A new version that waits for consent.' }),
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

export const previewSchema = z
  .object({
    id: z.string(),
    version: z.string(),
    title: z.string().optional(),
    description: z.string(),
    digest: digestSchema,
    signer: z
      .object({ keyId: z.string(), owner: z.string() })
      .optional()
      .meta({ description: 'Absent where nobody signed it.' }),
    permissions: z.array(permissionSchema),
    secrets: z
      .array(z.string())
      .meta({ description: 'What it does with secrets that it does not see, after "Weather wants to".' }),
    installed: z.string().optional().meta({ description: 'The version in force, where there is one.' }),
    findings: z.array(findingSchema).meta({ description: 'In which it differs from the version in force.' }),
    changelog: z.string().optional().meta({ description: 'Of its CHANGELOG.md, what is newer.' }),
  })
  .meta({ id: 'PluginPreview' })
export type PluginPreviewView = z.output<typeof previewSchema>

export const reconfiguredSchema = z
  .object({
    id: z.string(),
    outcome: z.enum(['applied', 'restarted', 'later', 'refused']),
    reason: z.string().optional().meta({ description: 'Why it goes on with the settings before.' }),
  })
  .meta({ id: 'PluginReconfigured' })
export type ReconfiguredView = z.output<typeof reconfiguredSchema>

export const previewView = ({ permissions, ...preview }: PluginPreview): PluginPreviewView => ({
  ...preview,
  secrets: [...preview.secrets],
  findings: [...preview.findings],
  permissions: permissions.map((one) => ({ ...one, scope: { ...one.scope } })),
})

export const pluginView = ({
  package: found,
  update,
  channels,
  ...info
}: PluginDetails): PluginDetailsView => ({
  ...info,
  ...(update && { update: { ...update, findings: [...update.findings] } }),
  grants: [...info.grants],
  actions: [...info.actions],
  ...(channels && { channels: channels.map((one) => ({ ...one, endpoints: [...one.endpoints] })) }),
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

const packaged = {
  package: z.base64().meta({ description: 'The .tgz of `covent plugin build`, in base64.' }),
  allowUnsigned: z.boolean().default(false).meta({ description: 'Lets it in although nobody signed it.' }),
}

export const packageBody = z.strictObject(packaged)
export type PackageBody = z.input<typeof packageBody>

export const consentBody = z.strictObject({ digest: digestSchema })

export const newPlugin = z.strictObject({
  ...packaged,
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
