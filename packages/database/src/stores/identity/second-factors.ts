import type { SecondFactorRecord, SecondFactorStore } from '@covent/core'
import type { SecondFactorQueries } from '../../queries/identity/second-factors.ts'
import type { SecondFactorRow } from '../../schema.ts'
import type { Session } from '../../session.ts'

const fromRow = (row: SecondFactorRow): SecondFactorRecord => ({
  deviceId: row.device_id,
  sealed: row.sealed,
  lastStep: row.last_step,
  tries: row.tries,
  nextTryAt: row.next_try_at,
  ...(row.confirmed_at !== null && { confirmedAt: row.confirmed_at }),
})

const toRow = (factor: SecondFactorRecord): SecondFactorRow => ({
  device_id: factor.deviceId,
  sealed: factor.sealed,
  confirmed_at: factor.confirmedAt ?? null,
  last_step: factor.lastStep,
  tries: factor.tries,
  next_try_at: factor.nextTryAt,
})

export const secondFactorStore = (session: Session, queries: SecondFactorQueries): SecondFactorStore => ({
  async find(deviceId) {
    const row = await session.get(queries.find, { device_id: deviceId })
    return row && fromRow(row)
  },
  put: (factor) =>
    session.atomically(async (unit) => {
      await unit.run(queries.remove, { device_id: factor.deviceId })
      await unit.run(queries.put, toRow(factor))
    }),
  async count({ deviceId, tries }, nextTryAt) {
    const counted = { device_id: deviceId, tries, counted: tries + 1, next_try_at: nextTryAt }
    return (await session.run(queries.count, counted)) > 0
  },
  take: async (deviceId, taken) => (await session.run(queries.take, { device_id: deviceId, ...taken })) > 0,
  remove: async (deviceId) => (await session.run(queries.remove, { device_id: deviceId })) > 0,
})
