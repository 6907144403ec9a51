import { type ColumnDefinitionBuilder, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Flavour } from '../flavour.ts'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

/** Versions of installed plugins beside the one in force: previous ones, and updates that wait for consent. */
export const pluginVersions = ({ text, wholeNumber, keyed }: Flavour): Migration => ({
  async up(db) {
    await keyed(
      db.schema
        .createTable('plugin_versions')
        .addColumn('id', text, required)
        .addColumn('version', text, required)
        .addColumn('digest', text, required)
        .addColumn('key_id', text)
        .addColumn('role', text, required)
        .addColumn('kept_at', wholeNumber, required)
        .addPrimaryKeyConstraint('plugin_versions_place', ['id', 'version']),
    ).execute()
    await db.schema
      .createIndex('plugin_versions_by_age')
      .on('plugin_versions')
      .columns(['id', 'kept_at', 'version'])
      .execute()
    await db.schema
      .createIndex('plugin_versions_pending')
      .on('plugin_versions')
      .column('id')
      .where(sql.ref('role'), '=', sql.lit('pending'))
      .execute()
  },
})
