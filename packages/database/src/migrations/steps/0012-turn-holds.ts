import { type ColumnDefinitionBuilder, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Flavour } from '../flavour.ts'

const from =
  (value: string | number) =>
  (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
    column.notNull().defaultTo(value)

/** Who answers a turn, and until when he holds it. */
export const turnHolds = ({ text, wholeNumber }: Flavour): Migration => ({
  async up(db) {
    const turns = () => db.schema.alterTable('turns')
    await turns().addColumn('owner', text, from('')).execute()
    await turns().addColumn('fence', wholeNumber, from(1)).execute()
    await turns().addColumn('lease_until', wholeNumber, from(0)).execute()
    await db.schema
      .createIndex('turns_open_of_conversation')
      .on('turns')
      .columns(['conversation_id', 'seq'])
      .where(sql.ref('state'), '=', sql.lit('accepted'))
      .execute()
  },
})
