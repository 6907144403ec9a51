import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Flavour } from '../flavour.ts'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

const queues = async (db: Kysely<unknown>, { text, wholeNumber, keyed }: Flavour): Promise<void> => {
  for (const [table, column] of [
    ['job_queues', 'fence'],
    ['job_schedules', 'tick_at'],
  ] as const)
    await keyed(
      db.schema
        .createTable(table)
        .addColumn('name', text, (name) => name.notNull().primaryKey())
        .addColumn(column, wholeNumber, required),
    ).execute()
}

const table = (db: Kysely<unknown>, { text, wholeNumber, sequence, numbered, table }: Flavour) =>
  table(
    db.schema
      .createTable('jobs')
      .addColumn('seq', sequence, numbered)
      .addColumn('id', text, (id) => id.notNull().unique())
      .addColumn('queue', text, required)
      .addColumn('principal_id', text, required)
      .addColumn('idempotency_key', text)
      .addColumn('payload', text, required)
      .addColumn('state', text, required)
      .addColumn('priority', wholeNumber, required)
      .addColumn('rank', wholeNumber, required)
      .addColumn('created_at', wholeNumber, required)
      .addColumn('due_at', wholeNumber, required)
      .addColumn('attempt', wholeNumber, required)
      .addColumn('attempts', wholeNumber, required)
      .addColumn('timeout_ms', wholeNumber, required)
      .addColumn('owner', text, required)
      .addColumn('fence', wholeNumber, required)
      .addColumn('is_cancelled', wholeNumber, required)
      .addColumn('started_at', wholeNumber)
      .addColumn('ended_at', wholeNumber)
      .addColumn('progress', text)
      .addColumn('result', text)
      .addColumn('history', text, required)
      .addColumn('error_code', text)
      .addColumn('error_message', text),
  )

/** Work to be done later, and who does it. */
export const jobs = (flavour: Flavour): Migration => ({
  async up(db) {
    await queues(db, flavour)
    await table(db, flavour).execute()
    const index = (name: string) => db.schema.createIndex(name).on('jobs')
    const is = (state: string) => [sql.ref('state'), '=', sql.lit(state)] as const
    await index('jobs_key').unique().columns(['queue', 'idempotency_key']).execute()
    await index('jobs_waiting')
      .columns(['queue', 'rank', 'seq'])
      .where(...is('waiting'))
      .execute()
    await index('jobs_due').columns(['queue', 'due_at']).where(sql.ref('ended_at'), 'is', null).execute()
    await index('jobs_running')
      .columns(['queue', 'principal_id'])
      .where(...is('running'))
      .execute()
    await index('jobs_of_owner')
      .columns(['owner'])
      .where(...is('running'))
      .execute()
    await index('jobs_of_queue').columns(['queue', 'state', 'ended_at']).execute()
  },
})
