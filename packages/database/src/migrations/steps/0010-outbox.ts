import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Flavour } from '../flavour.ts'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

const consumers = async (db: Kysely<unknown>, { text, wholeNumber, keyed }: Flavour): Promise<void> => {
  await keyed(
    db.schema
      .createTable('outbox_consumers')
      .addColumn('name', text, (column) => column.notNull().primaryKey())
      .addColumn('fence', wholeNumber, required),
  ).execute()
  await keyed(
    db.schema
      .createTable('outbox_subscriptions')
      .addColumn('type', text, required)
      .addColumn('consumer', text, required)
      .addPrimaryKeyConstraint('outbox_subscriptions_place', ['type', 'consumer']),
  ).execute()
}

/** Durable events, and who is to deal with them. */
export const outbox = (flavour: Flavour): Migration => ({
  async up(db) {
    const { text, wholeNumber, sequence, numbered, table } = flavour
    await consumers(db, flavour)
    await table(
      db.schema
        .createTable('outbox')
        .addColumn('seq', sequence, numbered)
        .addColumn('consumer', text, required)
        .addColumn('event_id', text, required)
        .addColumn('type', text, required)
        .addColumn('key', text, required)
        .addColumn('payload', text, required)
        .addColumn('created_at', wholeNumber, required)
        .addColumn('state', text, required)
        .addColumn('due_at', wholeNumber, required)
        .addColumn('attempts', wholeNumber, required)
        .addColumn('fence', wholeNumber, required)
        .addColumn('owner', text)
        .addColumn('error', text),
    ).execute()
    const index = (name: string) => db.schema.createIndex(name).on('outbox')
    const isOpen = [sql.ref('state'), '!=', sql.lit('dead')] as const
    await index('outbox_event').unique().columns(['consumer', 'event_id']).execute()
    await index('outbox_open')
      .columns(['consumer', 'seq'])
      .where(...isOpen)
      .execute()
    await index('outbox_key')
      .columns(['consumer', 'key', 'seq'])
      .where(...isOpen)
      .execute()
    await index('outbox_held')
      .columns(['owner', 'consumer'])
      .where(sql.ref('owner'), 'is not', null)
      .execute()
    await index('outbox_dead').columns(['seq']).where(sql.ref('state'), '=', sql.lit('dead')).execute()
  },
})
