import { AppError, DatabaseError } from '@covent/core'
import { Kysely, type PostgresPoolClient } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { PoolClient } from 'pg'
import { migrations } from '../../migrations/migrations.ts'
import { connectionOver } from '../connection.ts'
import { postgresDialect, postgresFlavour } from './dialect.ts'
import { failureOf } from '../failure.ts'
import { pendingMigrations } from './pending-migrations.ts'

/** Names the lock under which schemas change: "covent" in ASCII. */
const LOCK = 0x636f76656e74
const LOCK_TIMEOUT = '60s'

const failed = (cause: unknown): DatabaseError =>
  new DatabaseError('database.migration-failed', 'A migration failed; the database is as it was before', {
    cause,
  })

const migrateOver = async (client: PoolClient): Promise<void> => {
  const kept = { query: client.query.bind(client), release() {} } as PostgresPoolClient
  const pool = { options: {}, connect: async () => kept, end: async () => {} }
  const db = new Kysely<unknown>({ dialect: postgresDialect(() => pool) })
  const provider = { getMigrations: async () => ({ ...migrations(postgresFlavour) }) }
  await db.transaction().execute(async (transaction) => {
    const { error } = await new Migrator({ db: transaction, provider }).migrateToLatest()
    if (error !== undefined) throw error
  })
}

/** Compares vectors by pgvector where the server brings it and lets us have it. */
const withPgvector = `do $$ begin
  if exists (select from pg_available_extensions where name = 'vector') then
    create extension if not exists vector;
    create or replace function covent_dot(a real[], b real[]) returns real language sql immutable parallel safe
      return (-(a::vector <#> b::vector))::real;
  end if;
exception when insufficient_privilege then null; end $$`

/**
 * Runs what is pending, all in one transaction. Of servers that start at once one migrates while the others wait, and
 * then find nothing to do. The connection is not to be used again: it has lost its time limits.
 */
export const migrate = async (client: PoolClient): Promise<void> => {
  const connection = connectionOver(client)
  try {
    await connection.command(`set statement_timeout = 0; set lock_timeout = '${LOCK_TIMEOUT}'`)
    await connection.execute('select pg_advisory_lock($1)', [LOCK])
    if ((await pendingMigrations(connection)).length > 0) await migrateOver(client)
    await connection.command(withPgvector)
  } catch (error) {
    const { error: known } = failureOf(error)
    throw AppError.is(known) ? known : failed(error)
  }
}
