import type { DeviceRecord, DeviceStore, Role } from '@covent/core'
import type { DeviceQueries } from '../../queries/identity/devices.ts'
import type { DeviceRow } from '../../schema.ts'
import type { Session } from '../../session.ts'

export const fromDeviceRow = (row: DeviceRow): DeviceRecord => ({
  id: row.id,
  name: row.name,
  role: row.role as Role,
  publicKey: row.public_key,
  createdAt: row.created_at,
  answeredAt: row.answered_at,
  ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
})

const toRow = (device: DeviceRecord): DeviceRow => ({
  id: device.id,
  name: device.name,
  role: device.role,
  public_key: device.publicKey,
  created_at: device.createdAt,
  answered_at: device.answeredAt,
  revoked_at: device.revokedAt ?? null,
})

export const deviceStore = (session: Session, queries: DeviceQueries): DeviceStore => ({
  async create(device) {
    await session.run(queries.create, toRow(device))
  },
  async find(id) {
    const row = await session.get(queries.find, { id })
    return row && fromDeviceRow(row)
  },
  list: async () => (await session.all(queries.list, {})).map(fromDeviceRow),
  answer: async (id, challengedAt) => (await session.run(queries.answer, { id, at: challengedAt })) > 0,
  revoke: (id, at) =>
    session.atomically(async (unit) => {
      if ((await unit.run(queries.revoke, { id, at })) === 0) return false
      await unit.run(queries.endSessions, { id })
      await unit.run(queries.removeFactor, { id })
      return true
    }),
})
