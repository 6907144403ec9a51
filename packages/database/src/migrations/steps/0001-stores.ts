import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Flavour } from '../flavour.ts'

type Database = Kysely<unknown>
type Column = ColumnDefinitionBuilder

const required = (column: Column): Column => column.notNull()
const unique = (column: Column): Column => column.notNull().unique()

const conversations = async (db: Database, { text, wholeNumber, sequence, numbered, table }: Flavour) => {
  await table(
    db.schema
      .createTable('conversations')
      .addColumn('seq', sequence, numbered)
      .addColumn('id', text, unique)
      .addColumn('principal_id', text, required)
      .addColumn('character', text, required)
      .addColumn('created_at', wholeNumber, required),
  ).execute()
  await db.schema
    .createIndex('conversations_of_principal')
    .on('conversations')
    .columns(['principal_id', 'created_at', 'id'])
    .execute()
}

const inConversation = (column: Column): Column => column.references('conversations.id').onDelete('cascade')

const messages = async (db: Database, { text, wholeNumber, sequence, numbered, table }: Flavour) => {
  await table(
    db.schema
      .createTable('messages')
      .addColumn('seq', sequence, numbered)
      .addColumn('id', text, unique)
      .addColumn('conversation_id', text, (column) => inConversation(column).notNull())
      .addColumn('turn_id', text, required)
      .addColumn('role', text, required)
      .addColumn('text', text, required)
      .addColumn('created_at', wholeNumber, required)
      .addColumn('status', text, required)
      .addColumn('error_code', text)
      .addColumn('error_message', text),
  ).execute()
  const index = (name: string) => db.schema.createIndex(name).on('messages')
  await index('messages_of_conversation').columns(['conversation_id', 'seq']).execute()
  await index('messages_of_turn').columns(['turn_id', 'seq']).execute()
  await index('messages_one_reply')
    .unique()
    .column('turn_id')
    .where(sql.ref('role'), '=', sql.lit('assistant'))
    .execute()
}

const turns = async (db: Database, { text, wholeNumber, sequence, numbered, table }: Flavour) => {
  await table(
    db.schema
      .createTable('turns')
      .addColumn('seq', sequence, numbered)
      .addColumn('id', text, unique)
      .addColumn('conversation_id', text, inConversation)
      .addColumn('principal_id', text, required)
      .addColumn('character', text, required)
      .addColumn('model', text, required)
      .addColumn('message_id', text)
      .addColumn('idempotency_key', text)
      .addColumn('body_hash', text)
      .addColumn('state', text, required)
      .addColumn('created_at', wholeNumber, required)
      .addColumn('ended_at', wholeNumber)
      .addColumn('reply_id', text)
      .addColumn('error_code', text)
      .addColumn('error_message', text),
  ).execute()
  const index = (name: string) => db.schema.createIndex(name).on('turns')
  await index('turns_of_conversation').columns(['conversation_id', 'seq']).execute()
  await index('turns_by_key')
    .unique()
    .columns(['conversation_id', 'idempotency_key'])
    .where(sql.ref('idempotency_key'), 'is not', null)
    .execute()
  await index('turns_open').column('seq').where(sql.ref('state'), '=', sql.lit('accepted')).execute()
}

const calls = async (db: Database, { text, wholeNumber, table }: Flavour) => {
  await table(
    db.schema
      .createTable('calls')
      .addColumn('id', text, (column) => column.notNull().primaryKey())
      .addColumn('turn_id', text, (column) => column.references('turns.id').onDelete('cascade').notNull())
      .addColumn('step', wholeNumber, required)
      .addColumn('position', wholeNumber, required)
      .addColumn('said', text, required)
      .addColumn('plugin', text, required)
      .addColumn('action', text, required)
      .addColumn('tool', text, required)
      .addColumn('tool_call_id', text, required)
      .addColumn('effect', text, required)
      .addColumn('input', text)
      .addColumn('state', text, required)
      .addColumn('output', text)
      .addColumn('error_code', text)
      .addColumn('error_message', text)
      .addColumn('started_at', wholeNumber, required)
      .addColumn('ended_at', wholeNumber),
  ).execute()
  await db.schema.createIndex('calls_of_turn').on('calls').columns(['turn_id', 'step', 'position']).execute()
}

const apiKeys = async (db: Database, { text, wholeNumber, sequence, numbered, table }: Flavour) => {
  await table(
    db.schema
      .createTable('api_keys')
      .addColumn('seq', sequence, numbered)
      .addColumn('id', text, unique)
      .addColumn('name', text, required)
      .addColumn('hash', text, unique)
      .addColumn('role', text, required)
      .addColumn('scopes', text)
      .addColumn('created_at', wholeNumber, required)
      .addColumn('expires_at', wholeNumber)
      .addColumn('last_used_at', wholeNumber)
      .addColumn('revoked_at', wholeNumber),
  ).execute()
}

const keyValues = async (db: Database, { text, wholeNumber, keyed }: Flavour) => {
  await keyed(
    db.schema
      .createTable('key_values')
      .addColumn('plugin', text, required)
      .addColumn('scope', text, required)
      .addColumn('owner', text, required)
      .addColumn('key', text, required)
      .addColumn('value', text, required)
      .addColumn('size_bytes', wholeNumber, required)
      .addColumn('expires_at', wholeNumber)
      .addPrimaryKeyConstraint('key_values_place', ['plugin', 'scope', 'owner', 'key']),
  ).execute()
  const index = (name: string) => db.schema.createIndex(name).on('key_values')
  await index('key_values_expiring')
    .columns(['plugin', 'expires_at'])
    .where(sql.ref('expires_at'), 'is not', null)
    .execute()
  await index('key_values_of_conversation')
    .column('owner')
    .where(sql.ref('scope'), '=', sql.lit('conversation'))
    .execute()
  await keyed(
    db.schema
      .createTable('key_value_usage')
      .addColumn('plugin', text, (column) => column.notNull().primaryKey())
      .addColumn('bytes', wholeNumber, required),
  ).execute()
}

const operations = async (db: Database, { text, wholeNumber, keyed }: Flavour) => {
  await keyed(
    db.schema
      .createTable('key_value_operations')
      .addColumn('plugin', text, required)
      .addColumn('operation_id', text, required)
      .addColumn('changed', wholeNumber, required)
      .addColumn('done_at', wholeNumber, required)
      .addPrimaryKeyConstraint('key_value_operations_name', ['plugin', 'operation_id']),
  ).execute()
  await db.schema
    .createIndex('key_value_operations_by_age')
    .on('key_value_operations')
    .column('done_at')
    .execute()
}

/** Conversations, messages, turns with their journal, API keys, and plugins' values. */
export const stores = (flavour: Flavour): Migration => ({
  async up(db) {
    for (const create of [conversations, messages, turns, calls, apiKeys, keyValues, operations])
      await create(db, flavour)
  },
})
