import type { KeyRecord, KeyStore, Role } from '@covent/core'
import type { Kysely } from 'kysely'
import { columnsOf, query } from '../query.ts'
import type { KeyRow, Schema } from '../schema.ts'
import type { Session } from '../session.ts'
import { fromJson, toOptionalJson } from './json.ts'

const columns = [
  'id',
  'name',
  'hash',
  'role',
  'scopes',
  'created_at',
  'expires_at',
  'last_used_at',
  'revoked_at',
] as const

export interface At {
  readonly id: string
  readonly at: number
}

export const keyQueries = (db: Kysely<Schema>) => ({
  create: query((p: KeyRow) => db.insertInto('api_keys').values(columnsOf(p, columns))),
  findByHash: query((p: { readonly hash: string }) =>
    db.selectFrom('api_keys').select(columns).where('hash', '=', p.hash),
  ),
  list: query(() => db.selectFrom('api_keys').select(columns).orderBy('seq')),
  revoke: query((p: At) =>
    db
      .updateTable('api_keys')
      .set({ revoked_at: p.at })
      .where('id', '=', p.id)
      .where('revoked_at', 'is', null)
      .where(({ eb, or }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', p.at)])),
  ),
  touch: query((p: At) =>
    db
      .updateTable('api_keys')
      .set({ last_used_at: p.at })
      .where('id', '=', p.id)
      .where(({ eb, or }) => or([eb('last_used_at', 'is', null), eb('last_used_at', '<', p.at)])),
  ),
})

const fromRow = (row: KeyRow): KeyRecord => ({
  id: row.id,
  name: row.name,
  hash: row.hash,
  role: row.role as Role,
  createdAt: row.created_at,
  ...(row.scopes !== null && { scopes: fromJson(row.scopes) as readonly string[] }),
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
  created_at: key.createdAt,
  expires_at: key.expiresAt ?? null,
  last_used_at: key.lastUsedAt ?? null,
  revoked_at: key.revokedAt ?? null,
})

export const keyStore = (session: Session, queries: ReturnType<typeof keyQueries>): KeyStore => ({
  async create(key) {
    await session.run(queries.create, toRow(key))
  },
  async findByHash(hash) {
    const row = await session.get(queries.findByHash, { hash })
    return row && fromRow(row)
  },
  list: async () => (await session.all(queries.list, {})).map(fromRow),
  revoke: async (id, at) => (await session.run(queries.revoke, { id, at })) > 0,
  async touch(id, at) {
    await session.run(queries.touch, { id, at })
  },
})
