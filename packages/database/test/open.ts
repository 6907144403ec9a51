import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { onTestFinished } from 'vitest'
import { sqliteDatabase } from '../src/index.ts'

/** A started database, in a folder of its own by default, which is stopped when the test has finished. */
export const openDatabase = async (
  path = join(temporaryFolder(), 'data', 'covent.db'),
  busyTimeoutMs = 1000,
) => {
  const database = sqliteDatabase({ path, busyTimeoutMs })
  await database.start()
  onTestFinished(() => database.stop())
  return { ...database, path }
}
