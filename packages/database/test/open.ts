import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { onTestFinished } from 'vitest'
import { type SqliteDatabase, sqliteDatabase } from '../src/index.ts'

/** A started database in a folder of its own, which is stopped and removed when the test has finished. */
export const openDatabase = async (path = join(temporaryFolder(), 'data', 'covent.db')) => {
  const database: SqliteDatabase = sqliteDatabase({ path })
  await database.start()
  onTestFinished(() => database.stop())
  return { ...database, path }
}
