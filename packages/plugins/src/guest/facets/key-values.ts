import { type KeyValues, z } from '@covent/plugin-sdk'

type Ask = (method: string, params: object) => Promise<unknown>

/** The plugin's side of `ctx.kv`: the host holds the values and decides whose they are. */
export const keyValues = (ask: Ask): KeyValues => ({
  async get(key, schema, { scope } = {}) {
    const value = await ask('kv.get', { key, scope })
    return value === undefined ? undefined : schema.parseAsync(value)
  },
  async set(key, value, { scope, ttlMs } = {}) {
    await ask('kv.set', { key, value, scope, ttlMs })
  },
  async delete(key, { scope } = {}) {
    await ask('kv.delete', { key, scope })
  },
  async list(prefix, { scope, limit, schema } = {}) {
    const entries = await ask('kv.list', { prefix, scope, limit })
    return z.array(z.object({ key: z.string(), value: schema ?? z.unknown() })).parseAsync(entries) as never
  },
  async compareAndSet(key, { expected, next }, { scope, ttlMs } = {}) {
    return z.boolean().parse(await ask('kv.compareAndSet', { key, expected, next, scope, ttlMs }))
  },
})
