import { join } from 'node:path'
import { homeLock } from '@covent/database'
import {
  type CopiedTable,
  copyDatabase,
  type DatabasePlace,
  migrateSchema,
  type SchemaState,
  schemaState,
} from '@covent/database/maintenance'
import { loadServerConfig } from '../config.ts'
import { prepareHome } from '../home.ts'

interface Surroundings {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** The database of a home, without the server over it. */
export interface OfflineDatabase {
  /** Reads only, whether a server runs or not. */
  state(): Promise<SchemaState>
  /** Runs what is pending, and tells what that was. */
  migrate(): Promise<SchemaState>
  /** Copies the file of this home into a new database of PostgreSQL. */
  copyTo(url: string): Promise<readonly CopiedTable[]>
}

export const offlineDatabase = async ({ argv, env }: Surroundings): Promise<OfflineDatabase> => {
  const { home, database } = await loadServerConfig(argv, env)
  const place: DatabasePlace = { ...database, path: join(home, 'data', 'covent.db') }
  /** Refused with `config.home-in-use` while a server of this home runs. */
  const alone = async <T>(act: () => Promise<T>): Promise<T> => {
    prepareHome(home)
    const lock = homeLock(join(home, 'run', 'lock.db'))
    lock.acquire()
    try {
      return await act()
    } finally {
      lock.release()
    }
  }
  return {
    state: () => schemaState(place),
    migrate: () => alone(() => migrateSchema(place)),
    copyTo: (url) => alone(() => copyDatabase(place, { ...database, url })),
  }
}
