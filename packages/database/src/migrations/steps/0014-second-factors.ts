import type { ColumnDefinitionBuilder } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Flavour } from '../flavour.ts'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

/** Second factors of devices, and until when a session has proved its own. */
export const secondFactors = ({ text, wholeNumber, keyed }: Flavour): Migration => ({
  async up(db) {
    await keyed(
      db.schema
        .createTable('second_factors')
        .addColumn('device_id', text, (column) => column.notNull().primaryKey())
        .addColumn('sealed', text, required)
        .addColumn('confirmed_at', wholeNumber)
        .addColumn('last_step', wholeNumber, required)
        .addColumn('tries', wholeNumber, required)
        .addColumn('next_try_at', wholeNumber, required),
    ).execute()
    await db.schema
      .alterTable('sessions')
      .addColumn('proven_until', wholeNumber, (column) => column.notNull().defaultTo(0))
      .execute()
  },
})
