import { describeWith, postgresServer, type PostgresProcess } from '@covent/testing'
import { postgresDatabase } from '@covent/database/postgres'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { jobsSuite } from '@covent/jobs/testing'
import { opened, openSqlite } from './open.ts'

jobsSuite({ describe, it }, 'embedded on SQLite', { open: () => openSqlite() })

const emptied = `do $$ begin
  execute (select string_agg('delete from ' || quote_ident(tablename), '; ') from pg_tables
    where schemaname = 'public' and tablename not like 'kysely%' and tablename <> 'instance');
end $$`

describeWith('postgres', 'over PostgreSQL', () => {
  let server: PostgresProcess | undefined
  beforeAll(async () => void (server = await postgresServer()), 30_000)
  afterAll(() => server?.stop())
  const open = async () => {
    const { url } = server!
    const database = postgresDatabase({ url })
    await database.start()
    await database.stores.sql.execute(emptied)
    await database.stop()
    return opened(postgresDatabase({ url }))
  }
  jobsSuite({ describe, it }, 'embedded on PostgreSQL', { open })
})
