import { type Clock, type KeyValueStore, PluginError, type WriteOptions } from '@covent/core'
import * as z from 'zod'
import { turnstile } from '../turnstile.ts'
import { type BrokerMethod, type MethodRequest, namespaceOf } from './broker-method.ts'

const key = z.string().min(1).max(512)
const scope = z.enum(['principal', 'conversation', 'plugin']).default('principal')
const valueCap = 65_536
const ttlMs = z.int().positive().max(3_155_760_000_000).optional()

const params = {
  get: z.strictObject({ key, scope }),
  set: z.strictObject({ key, value: z.unknown(), scope, ttlMs }),
  delete: z.strictObject({ key, scope }),
  list: z.strictObject({
    prefix: z.string().max(512),
    scope,
    limit: z.int().min(1).max(1_000).default(1_000),
  }),
  compareAndSet: z.strictObject({
    key,
    expected: z.unknown().optional(),
    next: z.unknown(),
    scope,
    ttlMs,
  }),
}

const parse = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new PluginError('plugin.input-invalid', `ctx.kv: ${result.error.issues[0]?.message ?? 'wrong call'}`)
}

/** Values are JSON; the wire carries bytes too, and objects without a prototype, which compare equal to no others. */
const plain = (value: unknown): unknown => {
  if (holdsBytes(value)) throw new PluginError('plugin.input-invalid', 'ctx.kv: bytes are no JSON value')
  const text = JSON.stringify(value) ?? ''
  if (text.length > valueCap)
    throw new PluginError('plugin.quota-exceeded', 'ctx.kv: a value is larger than 64 KiB')
  return text === '' ? undefined : JSON.parse(text)
}

const json = (value: unknown): unknown => {
  if (value === undefined) throw new PluginError('plugin.input-invalid', 'ctx.kv: a value is missing')
  return plain(value)
}

const holdsBytes = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (value instanceof Uint8Array || Object.values(value).some(holdsBytes))

const permission = 'data:database' as const
/** Lists may hold megabytes until they are found too large to send: a few at a time on the whole host. */
const listsAtOnce = 2

/** `ctx.kv`, on the host's side. */
export const keyValueMethods = (
  store: KeyValueStore,
  clock: Clock,
): Readonly<Record<string, BrokerMethod>> => {
  const listing = turnstile(listsAtOnce)
  const writeOptions = ({ asker, operationId }: MethodRequest, ttl?: number): WriteOptions => {
    const nowMs = clock.now()
    const expiry = ttl === undefined ? {} : { expiresAt: nowMs + ttl }
    return { operationId, nowMs, quotaBytes: asker.quotaBytes, ...expiry }
  }
  return {
    'kv.get': {
      permission,
      run({ asker, call, params: raw }) {
        const { key, scope } = parse(params.get, raw)
        return store.get(namespaceOf(asker, call, scope), key, clock.now())
      },
    },
    'kv.set': {
      permission,
      run(request) {
        const { key, value, scope, ttlMs } = parse(params.set, request.params)
        const namespace = namespaceOf(request.asker, request.call, scope)
        return store.set(namespace, key, json(value), writeOptions(request, ttlMs))
      },
    },
    'kv.delete': {
      permission,
      run(request) {
        const { key, scope } = parse(params.delete, request.params)
        return store.delete(namespaceOf(request.asker, request.call, scope), key, writeOptions(request))
      },
    },
    'kv.list': {
      permission,
      run({ asker, call, params: raw }) {
        const { prefix, scope, limit } = parse(params.list, raw)
        const namespace = namespaceOf(asker, call, scope)
        return listing(() => store.list(namespace, prefix, { limit, nowMs: clock.now() }))
      },
    },
    'kv.compareAndSet': {
      permission,
      run(request) {
        const { key, expected, next, scope, ttlMs } = parse(params.compareAndSet, request.params)
        const namespace = namespaceOf(request.asker, request.call, scope)
        const change = { expected: plain(expected), next: json(next) }
        return store.compareAndSet(namespace, key, change, writeOptions(request, ttlMs))
      },
    },
  }
}
