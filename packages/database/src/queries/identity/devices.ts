import type { Kysely } from 'kysely'
import type { DeviceRow, PairingCodeRow, Schema, SessionRow } from '../../schema.ts'
import type { At } from './keys.ts'
import { columnsOf, query } from '../query.ts'

const deviceColumns = ['id', 'name', 'role', 'public_key', 'created_at', 'answered_at', 'revoked_at'] as const
const sessionColumns = [
  'id',
  'hash',
  'device_id',
  'created_at',
  'last_used_at',
  'ends_at',
  'proven_until',
] as const
const codeColumns = ['hash', 'role', 'issuer', 'expires_at', 'tries', 'next_try_at'] as const

export interface Id {
  readonly id: string
}

export interface Counted {
  readonly hash: string
  readonly tries: number
  readonly counted: number
  readonly next_try_at: number
}

export const deviceQueries = (db: Kysely<Schema>) => ({
  create: query((p: DeviceRow) => db.insertInto('devices').values(columnsOf(p, deviceColumns))),
  find: query((p: Id) => db.selectFrom('devices').select(deviceColumns).where('id', '=', p.id)),
  list: query(() => db.selectFrom('devices').select(deviceColumns).orderBy('seq')),
  answer: query((p: At) =>
    db
      .updateTable('devices')
      .set({ answered_at: p.at })
      .where('id', '=', p.id)
      .where('revoked_at', 'is', null)
      .where('answered_at', '<', p.at),
  ),
  revoke: query((p: At) =>
    db
      .updateTable('devices')
      .set({ revoked_at: p.at })
      .where('id', '=', p.id)
      .where('revoked_at', 'is', null),
  ),
  removeFactor: query((p: Id) => db.deleteFrom('second_factors').where('device_id', '=', p.id)),
  endSessions: query((p: Id) => db.deleteFrom('sessions').where('device_id', '=', p.id)),
})
export type DeviceQueries = ReturnType<typeof deviceQueries>

export const sessionQueries = (db: Kysely<Schema>) => ({
  create: query((p: SessionRow) => db.insertInto('sessions').values(columnsOf(p, sessionColumns))),
  forget: query((p: { readonly before: number }) =>
    db.deleteFrom('sessions').where('ends_at', '<=', p.before),
  ),
  findByHash: query((p: { readonly hash: string }) =>
    db.selectFrom('sessions').select(sessionColumns).where('hash', '=', p.hash),
  ),
  list: query(() => db.selectFrom('sessions').select(sessionColumns).orderBy('seq')),
  ofDevice: query((p: { readonly device_id: string }) =>
    db.selectFrom('sessions').select(sessionColumns).where('device_id', '=', p.device_id).orderBy('seq'),
  ),
  touch: query((p: At) =>
    db
      .updateTable('sessions')
      .set({ last_used_at: p.at })
      .where('id', '=', p.id)
      .where('last_used_at', '<', p.at),
  ),
  prove: query((p: { readonly id: string; readonly until: number }) =>
    db.updateTable('sessions').set({ proven_until: p.until }).where('id', '=', p.id),
  ),
  end: query((p: Id) => db.deleteFrom('sessions').where('id', '=', p.id)),
  instance: query(() => db.selectFrom('instance').select('id')),
})

export const pairingQueries = (db: Kysely<Schema>) => ({
  clear: query(() => db.deleteFrom('pairing_codes')),
  offer: query((p: PairingCodeRow) => db.insertInto('pairing_codes').values(columnsOf(p, codeColumns))),
  current: query(() => db.selectFrom('pairing_codes').select(codeColumns)),
  count: query((p: Counted) =>
    db
      .updateTable('pairing_codes')
      .set({ tries: p.counted, next_try_at: p.next_try_at })
      .where('hash', '=', p.hash)
      .where('tries', '=', p.tries),
  ),
  take: query((p: { readonly hash: string }) => db.deleteFrom('pairing_codes').where('hash', '=', p.hash)),
})
export type PairingQueries = ReturnType<typeof pairingQueries>
