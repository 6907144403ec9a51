import { type PostgresProcess, postgresServer } from '@covent/testing'
import pg from 'pg'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { postgresDatabase, type PostgresOptions } from '../../src/postgres/postgres-database.ts'

/** Runs SQL over a connection of its own. */
export const sqlOn = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[]
  } finally {
    await client.end()
  }
}

export interface PostgresOfFile {
  readonly server: PostgresProcess
  readonly url: string
}

let made = 0

/** A server for all tests of the calling file. */
export const postgresOfFile = (): PostgresOfFile => {
  let server: PostgresProcess | undefined
  beforeAll(async () => void (server = await postgresServer()), 30_000)
  afterAll(() => server?.stop())
  return {
    get server() {
      return server!
    },
    get url() {
      return server!.url
    },
  }
}

/** A new and empty database on it. */
export const newDatabase = async ({ url }: Pick<PostgresOfFile, 'url'>): Promise<string> => {
  const name = `test_${made++}`
  await sqlOn(url, `create database ${name}`)
  return url.replace(/[^/]+$/, name)
}

/** A started database, which is stopped when the test has finished. */
export const openPostgres = async (url: string, options: Omit<PostgresOptions, 'url'> = {}) => {
  const database = postgresDatabase({ url, ...options })
  await database.start()
  onTestFinished(() => database.stop())
  return { ...database, url }
}
