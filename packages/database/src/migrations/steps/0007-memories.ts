import type { ColumnDefinitionBuilder } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Flavour } from '../flavour.ts'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()
const unique = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull().unique()

/** What is remembered of people, with its embeddings. */
export const memories = ({ similarity, ...flavour }: Flavour): Migration => ({
  async up(db) {
    const { text, wholeNumber, sequence, numbered, vector, table, keyed } = flavour
    await similarity(db)
    await table(
      db.schema
        .createTable('memories')
        .addColumn('seq', sequence, numbered)
        .addColumn('id', text, unique)
        .addColumn('principal_id', text, required)
        .addColumn('conversation_id', text, required)
        .addColumn('origin', text, required)
        .addColumn('text_hash', text, required)
        .addColumn('tainted', wholeNumber, required)
        .addColumn('created_at', wholeNumber, required)
        .addColumn('embedder', text, required)
        .addColumn('text', text, required)
        .addColumn('vector', vector, required),
    ).execute()
    await db.schema
      .createIndex('memories_of_person')
      .unique()
      .on('memories')
      .columns(['principal_id', 'conversation_id', 'origin', 'text_hash'])
      .execute()
    await db.schema
      .createIndex('memories_of_conversation')
      .on('memories')
      .columns(['conversation_id', 'seq'])
      .execute()
    await keyed(
      db.schema
        .createTable('memory_people')
        .addColumn('principal_id', text, (column) => column.notNull().primaryKey())
        .addColumn('memories', wholeNumber, required),
    ).execute()
  },
})
