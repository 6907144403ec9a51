import type { ColumnDefinitionBuilder } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Flavour } from '../flavour.ts'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

/** Installed plugins, and what operators decided of their permissions. */
export const plugins = ({ text, wholeNumber, keyed }: Flavour): Migration => ({
  async up(db) {
    await keyed(
      db.schema
        .createTable('plugins')
        .addColumn('id', text, (column) => column.notNull().primaryKey())
        .addColumn('version', text, required)
        .addColumn('digest', text, required)
        .addColumn('key_id', text)
        .addColumn('enabled', wholeNumber, required)
        .addColumn('installed_at', wholeNumber, required),
    ).execute()
    await keyed(
      db.schema
        .createTable('plugin_grants')
        .addColumn('plugin', text, required)
        .addColumn('digest', text, required)
        .addColumn('permission', text, required)
        .addColumn('granted', wholeNumber, required)
        .addColumn('decided_at', wholeNumber, required)
        .addPrimaryKeyConstraint('plugin_grants_place', ['plugin', 'digest', 'permission']),
    ).execute()
  },
})
