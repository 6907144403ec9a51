import { isDeepStrictEqual } from 'node:util'
import { type KeyValueStore, type Namespace, PluginError, type WriteOptions } from '@covent/core'

const prefixOf = ({ plugin, scope, owner }: Namespace): string => JSON.stringify([plugin, scope, owner])

/** A store of values in memory, which forgets nothing but what has expired. */
export const memoryKeyValues = (): KeyValueStore => {
  const values = new Map<string, { readonly value: unknown; readonly expiresAt: number }>()
  const operations = new Map<string, unknown>()
  const read = (id: string, nowMs: number): unknown => {
    const entry = values.get(id)
    return entry !== undefined && entry.expiresAt > nowMs ? structuredClone(entry.value) : undefined
  }
  const once = <T>({ operationId }: WriteOptions, work: () => T): T => {
    if (!operations.has(operationId)) operations.set(operationId, work())
    return operations.get(operationId) as T
  }
  const write = (id: string, value: unknown, { quotaBytes, expiresAt }: WriteOptions): void => {
    if (JSON.stringify(value).length > (quotaBytes ?? Number.POSITIVE_INFINITY))
      throw new PluginError('plugin.quota-exceeded', 'the quota is used up')
    values.set(id, { value: structuredClone(value), expiresAt: expiresAt ?? Number.POSITIVE_INFINITY })
  }
  return {
    get: async (namespace, key, nowMs) => read(prefixOf(namespace) + key, nowMs),
    async list(namespace, prefix, { limit, nowMs }) {
      const start = prefixOf(namespace)
      const ids = [...values.keys()].filter((id) => id.startsWith(start + prefix)).toSorted()
      const entries = ids.map((id) => ({ key: id.slice(start.length), value: read(id, nowMs) }))
      return entries.filter(({ value }) => value !== undefined).slice(0, limit)
    },
    set: async (...[namespace, key, value, options]) =>
      once(options, () => write(prefixOf(namespace) + key, value, options)),
    delete: async (namespace, key, options) =>
      once(options, () => void values.delete(prefixOf(namespace) + key)),
    compareAndSet: async (...[namespace, key, { expected, next }, options]) =>
      once(options, () => {
        const id = prefixOf(namespace) + key
        if (!isDeepStrictEqual(read(id, options.nowMs), expected)) return false
        write(id, next, options)
        return true
      }),
    async sizeBytes(plugin) {
      const start = `[${JSON.stringify(plugin)},`
      const ids = [...values.keys()].filter((id) => id.startsWith(start))
      return ids.reduce((total, id) => total + JSON.stringify(values.get(id)!.value).length, 0)
    },
    forgetOperations: async () => {},
  }
}
