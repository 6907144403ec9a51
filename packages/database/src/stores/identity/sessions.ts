import type { SessionRecord, SessionStore } from '@covent/core'
import type { StoreQueries } from '../../queries/queries.ts'
import type { SessionRow } from '../../schema.ts'
import type { Session } from '../../session.ts'
import { fromDeviceRow } from './devices.ts'

const fromRow = (row: SessionRow): SessionRecord => ({
  id: row.id,
  hash: row.hash,
  deviceId: row.device_id,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  endsAt: row.ends_at,
  provenUntil: row.proven_until,
})

const toRow = (record: SessionRecord): SessionRow => ({
  id: record.id,
  hash: record.hash,
  device_id: record.deviceId,
  created_at: record.createdAt,
  last_used_at: record.lastUsedAt,
  ends_at: record.endsAt,
  proven_until: record.provenUntil,
})

export const sessionStore = (
  session: Session,
  { sessions: queries, devices }: Pick<StoreQueries, 'sessions' | 'devices'>,
): SessionStore => ({
  create: (record) =>
    session.atomically(async (unit) => {
      await unit.run(queries.forget, { before: record.createdAt })
      await unit.run(queries.create, toRow(record))
    }),
  async findByHash(hash) {
    const row = await session.get(queries.findByHash, { hash })
    if (row === undefined) return undefined
    const device = await session.get(devices.find, { id: row.device_id })
    return device && { session: fromRow(row), device: fromDeviceRow(device) }
  },
  async list(deviceId) {
    const rows = await (deviceId === undefined
      ? session.all(queries.list, {})
      : session.all(queries.ofDevice, { device_id: deviceId }))
    return rows.map(fromRow)
  },
  async touch(id, at) {
    await session.run(queries.touch, { id, at })
  },
  async prove(id, until) {
    await session.run(queries.prove, { id, until })
  },
  end: async (id) => (await session.run(queries.end, { id })) > 0,
  instanceId: async () => (await session.get(queries.instance, {}))!.id,
})
