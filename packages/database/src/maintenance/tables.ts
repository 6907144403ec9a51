import type { Schema } from '../schema.ts'

/** Every table with the columns by which its rows are told apart, those that others refer to first. */
export const tables: Readonly<Record<keyof Schema, readonly string[]>> = {
  conversations: ['seq'],
  messages: ['seq'],
  turns: ['seq'],
  calls: ['id'],
  api_keys: ['seq'],
  devices: ['seq'],
  sessions: ['seq'],
  pairing_codes: ['hash'],
  second_factors: ['device_id'],
  instance: ['id'],
  key_values: ['plugin', 'scope', 'owner', 'key'],
  key_value_usage: ['plugin'],
  key_value_operations: ['plugin', 'operation_id'],
  plugins: ['id'],
  plugin_grants: ['plugin', 'digest', 'permission'],
  plugin_versions: ['id', 'version'],
  sealed_secrets: ['id'],
  memories: ['seq'],
  memory_people: ['principal_id'],
  outbox: ['seq'],
  outbox_consumers: ['name'],
  outbox_subscriptions: ['type', 'consumer'],
  jobs: ['seq'],
  job_queues: ['name'],
  job_schedules: ['name'],
}
export const tableNames = Object.keys(tables) as (keyof Schema)[]
