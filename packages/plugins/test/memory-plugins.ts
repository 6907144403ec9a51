import type { PluginGrant, PluginRecord, PluginStore } from '@covent/core'

/** The store of records and grants, in memory. */
export const memoryPlugins = (): PluginStore => {
  const records = new Map<string, PluginRecord>()
  const grants = new Map<string, PluginGrant>()
  return {
    list: async () => [...records.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    find: async (id) => records.get(id),
    put: async (record) => void records.set(record.id, record),
    async remove(id) {
      for (const [key, { plugin }] of grants) if (plugin === id) grants.delete(key)
      return records.delete(id)
    },
    grants: async (plugin, digest) =>
      [...grants.values()].filter((one) => one.plugin === plugin && one.digest === digest),
    decide: async (grant) => void grants.set(`${grant.plugin} ${grant.digest} ${grant.permission}`, grant),
  }
}
