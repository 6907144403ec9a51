import { type Kysely, sql } from 'kysely'
import type { KeyRow, Schema } from '../../schema.ts'
import { columnsOf, query } from '../query.ts'

const columns = [
  'id',
  'name',
  'hash',
  'role',
  'scopes',
  'principal_id',
  'created_at',
  'expires_at',
  'last_used_at',
  'revoked_at',
] as const

export interface At {
  readonly id: string
  readonly at: number
}

/** The end that a key has at the latest, if it lives now. */
export interface Ends {
  readonly id: string
  readonly ends_at: number
  readonly now: number
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
  endBy: query((p: Ends) =>
    db
      .updateTable('api_keys')
      .set({
        expires_at: sql<number>`case when expires_at < ${p.ends_at} then expires_at else ${p.ends_at} end`,
      })
      .where('id', '=', p.id)
      .where('revoked_at', 'is', null)
      .where(({ eb, or }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', p.now)])),
  ),
  touch: query((p: At) =>
    db
      .updateTable('api_keys')
      .set({ last_used_at: p.at })
      .where('id', '=', p.id)
      .where(({ eb, or }) => or([eb('last_used_at', 'is', null), eb('last_used_at', '<', p.at)])),
  ),
})
export type KeyQueries = ReturnType<typeof keyQueries>
