import type { ColumnDefinitionBuilder } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Schema } from '../../schema.ts'
import type { Flavour } from '../flavour.ts'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()
const unique = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull().unique()
const primary = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull().primaryKey()

const newInstanceId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Paired devices, their sessions, the live pairing code, and the name of this installation. */
export const devices = ({ text, wholeNumber, sequence, numbered, table, keyed }: Flavour): Migration => ({
  async up(db) {
    const { schema } = db
    await table(
      schema
        .createTable('devices')
        .addColumn('seq', sequence, numbered)
        .addColumn('id', text, unique)
        .addColumn('name', text, required)
        .addColumn('role', text, required)
        .addColumn('public_key', text, required)
        .addColumn('created_at', wholeNumber, required)
        .addColumn('answered_at', wholeNumber, required)
        .addColumn('revoked_at', wholeNumber),
    ).execute()
    await table(
      schema
        .createTable('sessions')
        .addColumn('seq', sequence, numbered)
        .addColumn('id', text, unique)
        .addColumn('hash', text, unique)
        .addColumn('device_id', text, required)
        .addColumn('created_at', wholeNumber, required)
        .addColumn('last_used_at', wholeNumber, required)
        .addColumn('ends_at', wholeNumber, required),
    ).execute()
    await schema.createIndex('sessions_by_device').on('sessions').columns(['device_id', 'seq']).execute()
    await schema.createIndex('sessions_by_end').on('sessions').column('ends_at').execute()
    await keyed(
      schema
        .createTable('pairing_codes')
        .addColumn('hash', text, primary)
        .addColumn('role', text, required)
        .addColumn('issuer', text, required)
        .addColumn('expires_at', wholeNumber, required)
        .addColumn('tries', wholeNumber, required)
        .addColumn('next_try_at', wholeNumber, required),
    ).execute()
    await keyed(schema.createTable('instance').addColumn('id', text, primary)).execute()
    await db
      .withTables<Pick<Schema, 'instance'>>()
      .insertInto('instance')
      .values({ id: newInstanceId() })
      .execute()
  },
})
