import type { KeptPlugin, PluginGrant, PluginRecord, PluginStore } from '@covent/core'
import type { PluginVersionQueries } from '../queries/plugin-versions.ts'
import type { PluginQueries } from '../queries/plugins.ts'
import type { PluginGrantRow, PluginRow, PluginVersionRow } from '../schema.ts'
import type { Session } from '../session.ts'

const fromRow = (row: PluginRow): PluginRecord => ({
  id: row.id,
  version: row.version,
  digest: row.digest,
  enabled: row.enabled !== 0,
  installedAt: row.installed_at,
  ...(row.key_id !== null && { keyId: row.key_id }),
})

const toRow = (record: PluginRecord): PluginRow => ({
  id: record.id,
  version: record.version,
  digest: record.digest,
  key_id: record.keyId ?? null,
  enabled: Number(record.enabled),
  installed_at: record.installedAt,
})

const fromVersionRow = (row: PluginVersionRow): KeptPlugin => ({
  id: row.id,
  version: row.version,
  digest: row.digest,
  role: row.role,
  keptAt: row.kept_at,
  ...(row.key_id !== null && { keyId: row.key_id }),
})

const toVersionRow = ({ keyId, keptAt, ...kept }: KeptPlugin): PluginVersionRow => ({
  ...kept,
  key_id: keyId ?? null,
  kept_at: keptAt,
})

const fromGrantRow = (row: PluginGrantRow): PluginGrant => ({
  plugin: row.plugin,
  digest: row.digest,
  permission: row.permission,
  granted: row.granted !== 0,
  decidedAt: row.decided_at,
})

const toGrantRow = (grant: PluginGrant): PluginGrantRow => ({
  plugin: grant.plugin,
  digest: grant.digest,
  permission: grant.permission,
  granted: Number(grant.granted),
  decided_at: grant.decidedAt,
})

export interface PluginQueryGroups {
  readonly plugins: PluginQueries
  readonly pluginVersions: PluginVersionQueries
}

export const pluginStore = (
  session: Session,
  { plugins: queries, pluginVersions: versions }: PluginQueryGroups,
): PluginStore => ({
  list: async () => (await session.all(queries.list, {})).map(fromRow),
  async find(id) {
    const row = await session.get(queries.find, { id })
    return row && fromRow(row)
  },
  async put(record) {
    await session.run(queries.put, toRow(record))
  },
  remove: (id) =>
    session.atomically(async (within) => {
      await within.run(queries.removeGrants, { id })
      await within.run(versions.clear, { id })
      return (await within.run(queries.remove, { id })) > 0
    }),
  kept: async (id) => (await session.all(versions.list, { id })).map(fromVersionRow),
  pending: async () => (await session.all(versions.pending, {})).map(fromVersionRow),
  async keep(version) {
    await session.run(versions.put, toVersionRow(version))
  },
  drop: (id, version) =>
    session.atomically(async (within) => {
      await within.run(versions.removeGrants, { id, version })
      await within.run(versions.remove, { id, version })
    }),
  grants: async (plugin, digest) => (await session.all(queries.grants, { plugin, digest })).map(fromGrantRow),
  async decide(grant) {
    await session.run(queries.decide, toGrantRow(grant))
  },
})
