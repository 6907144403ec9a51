import { type KeyValueStore, type Namespace, PluginError, type WriteOptions } from '@covent/core'
import type { KeyValueRow } from '../schema.ts'
import type { Session } from '../session.ts'
import { canonicalJson, fromJson, toJson } from './columns/json.ts'
import type { KeyValueQueries, Place } from '../queries/key-values.ts'

interface Write {
  readonly session: Session
  readonly queries: KeyValueQueries
  readonly place: Place
  readonly options: WriteOptions
}

const placeOf = ({ plugin, scope, owner }: Namespace, key: string): Place => ({ plugin, scope, owner, key })

const sizeOf = (key: string, value: string): number => Buffer.byteLength(key) + Buffer.byteLength(value)

const tooMuch = (plugin: string, quotaBytes: number): PluginError =>
  new PluginError(
    'plugin.quota-exceeded',
    `Plugin ${plugin} may store ${quotaBytes} bytes; delete some first`,
  )

const bytesOf = async ({
  session,
  queries,
  place: { plugin },
}: Pick<Write, 'session' | 'queries'> & { readonly place: Pick<Place, 'plugin'> }): Promise<number> =>
  (await session.get(queries.usage, { plugin }))?.bytes ?? 0

const standingBytes = async ({ session, queries, place }: Write): Promise<number> =>
  (await session.get(queries.size, place))?.size_bytes ?? 0

const count = async ({ session, queries, place: { plugin } }: Write, bytes: number): Promise<void> => {
  await session.run(queries.setUsage, { plugin, bytes })
}

/** Removes the plugin's expired rows. */
const sweep = async (write: Write): Promise<void> => {
  const { session, queries, place, options } = write
  const until = { plugin: place.plugin, now: options.nowMs }
  const freed = (await session.get(queries.expiredBytes, until))?.bytes ?? 0
  if (freed === 0) return
  await count(write, (await bytesOf(write)) - freed)
  await session.run(queries.removeExpired, until)
}

/** What the plugin would hold with so many bytes at this place. */
const bytesWith = async (write: Write, sizeBytes: number): Promise<number> =>
  (await bytesOf(write)) - (await standingBytes(write)) + sizeBytes

const makeRoom = async (write: Write, sizeBytes: number): Promise<void> => {
  const { quotaBytes = Number.POSITIVE_INFINITY } = write.options
  if ((await bytesWith(write, sizeBytes)) > quotaBytes) await sweep(write)
  const bytes = await bytesWith(write, sizeBytes)
  if (bytes > quotaBytes) throw tooMuch(write.place.plugin, quotaBytes)
  await count(write, bytes)
}

const put = async (write: Write, value: string): Promise<void> => {
  const { session, queries, place, options } = write
  const size_bytes = sizeOf(place.key, value)
  await makeRoom(write, size_bytes)
  const row: KeyValueRow = { ...place, value, size_bytes, expires_at: options.expiresAt ?? null }
  await session.run(queries.put, row)
}

const remove = async (write: Write): Promise<void> => {
  const { session, queries, place } = write
  await count(write, await bytesWith(write, 0))
  await session.run(queries.remove, place)
}

const stands = async (write: Write, expected: unknown): Promise<boolean> => {
  const { session, queries, place, options } = write
  const row = await session.get(queries.get, { ...place, now: options.nowMs })
  if (row === undefined || expected === undefined) return row === undefined && expected === undefined
  return canonicalJson(row.value) === canonicalJson(toJson(expected))
}

/** Does the write, unless one of that name was done: then it answers as that did. */
const once = (write: Write, act: (inside: Write) => Promise<boolean>): Promise<boolean> =>
  write.session.atomically(async (session) => {
    const { queries, place, options } = write
    const name = { plugin: place.plugin, operation_id: options.operationId }
    const done = await session.get(queries.operation, name)
    if (done !== undefined) return done.changed === 1
    const changed = await act({ ...write, session })
    await session.run(queries.record, { ...name, changed: changed ? 1 : 0, done_at: options.nowMs })
    return changed
  })

const change = async (write: Write, expected: unknown, next: string | undefined): Promise<boolean> => {
  if (!(await stands(write, expected))) return false
  await (next === undefined ? remove(write) : put(write, next))
  return true
}

/** Takes JSON only; `undefined` as the next value of `compareAndSet` deletes. */
export const keyValueStore = (session: Session, queries: KeyValueQueries): KeyValueStore => {
  const writeOf = (namespace: Namespace, key: string, options: WriteOptions): Write => ({
    session,
    queries,
    place: placeOf(namespace, key),
    options,
  })
  return {
    async get(namespace, key, nowMs) {
      const row = await session.get(queries.get, { ...placeOf(namespace, key), now: nowMs })
      return row && fromJson(row.value)
    },
    async list(namespace, prefix, { limit, nowMs }) {
      const from = { ...placeOf(namespace, prefix), now: nowMs, limit }
      const rows = await session.all(queries.list, from)
      const end = rows.findIndex(({ key }) => !key.startsWith(prefix))
      const found = end === -1 ? rows : rows.slice(0, end)
      return found.map(({ key, value }) => ({ key, value: fromJson(value) }))
    },
    // oxlint-disable-next-line max-params -- the contract's four
    async set(namespace, key, value, options) {
      const text = toJson(value)
      await once(writeOf(namespace, key, options), (write) => put(write, text).then(() => true))
    },
    async delete(namespace, key, options) {
      await once(writeOf(namespace, key, options), (write) => remove(write).then(() => true))
    },
    // oxlint-disable-next-line max-params -- the contract's four
    async compareAndSet(namespace, key, { expected, next }, options) {
      const text = next === undefined ? undefined : toJson(next)
      return once(writeOf(namespace, key, options), (write) => change(write, expected, text))
    },
    sizeBytes: (plugin) => bytesOf({ session, queries, place: { plugin } }),
    async forgetOperations(beforeMs) {
      await session.run(queries.forget, { before: beforeMs })
    },
  }
}
