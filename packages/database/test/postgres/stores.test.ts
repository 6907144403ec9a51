import { describeWith } from '@covent/testing'
import { beforeAll, describe, it } from 'vitest'
import { postgresDatabase } from '../../src/postgres/postgres-database.ts'
import { storesSuite } from '../../src/testing.ts'
import { newDatabase, postgresOfFile, sqlOn } from './open.ts'

const emptied = `do $$ begin
  execute (select string_agg('delete from ' || quote_ident(tablename), '; ') from pg_tables
    where schemaname = 'public' and tablename not like 'kysely%' and tablename <> 'instance');
end $$`

describeWith('postgres', 'over PostgreSQL', () => {
  const server = postgresOfFile()
  let url = ''
  beforeAll(async () => void (url = await newDatabase(server)))
  storesSuite({ describe, it }, 'postgres', async () => {
    const database = postgresDatabase({ url })
    await database.start()
    await sqlOn(url, emptied)
    return { ...database, close: () => database.stop() }
  })
})
