import type { KeptPlugin, PluginGrant, PluginRecord, PluginStore } from '@covent/core'

/** The store of records and grants, in memory. */
export const memoryPlugins = (): PluginStore => {
  const records = new Map<string, PluginRecord>()
  const versions = new Map<string, KeptPlugin>()
  const grants = new Map<string, PluginGrant>()
  return {
    list: async () => [...records.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    find: async (id) => records.get(id),
    put: async (record) => void records.set(record.id, record),
    async remove(id) {
      for (const [key, { plugin }] of grants) if (plugin === id) grants.delete(key)
      for (const [key, kept] of versions) if (kept.id === id) versions.delete(key)
      return records.delete(id)
    },
    kept: async (id) =>
      [...versions.values()].filter((one) => one.id === id).toSorted((a, b) => b.keptAt - a.keptAt),
    pending: async () => [...versions.values()].filter(({ role }) => role === 'pending'),
    keep: async (version) => void versions.set(`${version.id} ${version.version}`, version),
    async drop(id, version) {
      const { digest } = versions.get(`${id} ${version}`) ?? {}
      versions.delete(`${id} ${version}`)
      if (records.get(id)?.digest === digest) return
      for (const [key, one] of grants) if (one.plugin === id && one.digest === digest) grants.delete(key)
    },
    grants: async (plugin, digest) =>
      [...grants.values()].filter((one) => one.plugin === plugin && one.digest === digest),
    decide: async (grant) => void grants.set(`${grant.plugin} ${grant.digest} ${grant.permission}`, grant),
  }
}
