import type { KeyRecord, KeyStore, Role } from '@covent/core'
import type { KeyQueries } from '../../queries/identity/keys.ts'
import type { KeyRow } from '../../schema.ts'
import type { Session } from '../../session.ts'
import { fromJson, toOptionalJson } from '../columns/json.ts'

const fromRow = (row: KeyRow): KeyRecord => ({
  id: row.id,
  name: row.name,
  hash: row.hash,
  role: row.role as Role,
  createdAt: row.created_at,
  ...(row.scopes !== null && { scopes: fromJson(row.scopes) as readonly string[] }),
  ...(row.principal_id !== null && { principalId: row.principal_id }),
  ...(row.expires_at !== null && { expiresAt: row.expires_at }),
  ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
  ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
})

const toRow = (key: KeyRecord): KeyRow => ({
  id: key.id,
  name: key.name,
  hash: key.hash,
  role: key.role,
  scopes: toOptionalJson(key.scopes),
  principal_id: key.principalId ?? null,
  created_at: key.createdAt,
  expires_at: key.expiresAt ?? null,
  last_used_at: key.lastUsedAt ?? null,
  revoked_at: key.revokedAt ?? null,
})

export const keyStore = (session: Session, queries: KeyQueries): KeyStore => ({
  async create(key) {
    await session.run(queries.create, toRow(key))
  },
  async findByHash(hash) {
    const row = await session.get(queries.findByHash, { hash })
    return row && fromRow(row)
  },
  list: async () => (await session.all(queries.list, {})).map(fromRow),
  revoke: async (id, at) => (await session.run(queries.revoke, { id, at })) > 0,
  replace: (id, next, endsAt) =>
    session.atomically(async (unit) => {
      const ends = { id, ends_at: endsAt, now: next.createdAt }
      if ((await unit.run(queries.endBy, ends)) === 0) return false
      await unit.run(queries.create, toRow(next))
      return true
    }),
  async touch(id, at) {
    await session.run(queries.touch, { id, at })
  },
})
