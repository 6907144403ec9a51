import type { PairingCodeRecord, PairingStore, Role } from '@covent/core'
import type { PairingQueries } from '../../queries/identity/devices.ts'
import type { PairingCodeRow } from '../../schema.ts'
import type { Session } from '../../session.ts'

const fromRow = (row: PairingCodeRow): PairingCodeRecord => ({
  hash: row.hash,
  role: row.role as Role,
  issuer: row.issuer,
  expiresAt: row.expires_at,
  tries: row.tries,
  nextTryAt: row.next_try_at,
})

const toRow = (code: PairingCodeRecord): PairingCodeRow => ({
  hash: code.hash,
  role: code.role,
  issuer: code.issuer,
  expires_at: code.expiresAt,
  tries: code.tries,
  next_try_at: code.nextTryAt,
})

export const pairingStore = (session: Session, queries: PairingQueries): PairingStore => ({
  offer: (code) =>
    session.atomically(async (unit) => {
      await unit.run(queries.clear, {})
      await unit.run(queries.offer, toRow(code))
    }),
  async current() {
    const row = await session.get(queries.current, {})
    return row && fromRow(row)
  },
  async count({ hash, tries }, nextTryAt) {
    const counted = { hash, tries, counted: tries + 1, next_try_at: nextTryAt }
    return (await session.run(queries.count, counted)) > 0
  },
  take: async (hash) => (await session.run(queries.take, { hash })) > 0,
})
