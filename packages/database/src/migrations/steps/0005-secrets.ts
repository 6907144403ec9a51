import type { ColumnDefinitionBuilder } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Flavour } from '../flavour.ts'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

/** All secrets as one sealed text, in the one row of its table. */
export const secrets = ({ text, wholeNumber, keyed }: Flavour): Migration => ({
  async up(db) {
    await keyed(
      db.schema
        .createTable('sealed_secrets')
        .addColumn('id', wholeNumber, (column) => column.notNull().primaryKey())
        .addColumn('generation', wholeNumber, required)
        .addColumn('text', text, required),
    ).execute()
  },
})
