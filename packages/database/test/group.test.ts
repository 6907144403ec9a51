import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import type { Query } from '../src/query.ts'
import type { Session } from '../src/session.ts'
import { type Connection, openConnection } from '../src/sqlite/connection.ts'
import { runGroup } from '../src/sqlite/group.ts'
import type { Unit } from '../src/sqlite/unit.ts'

interface Entry {
  readonly n: number
  readonly text: string
}

const insert: Query<Entry, Entry> = {
  sql: 'insert into entries values (?, ?)',
  names: ['n', 'text'],
}
const all: Query<object, Entry> = { sql: 'select * from entries order by n', names: [] }

const opened = (): Connection => {
  const connection = openConnection(join(temporaryFolder(), 'x.db'), { readOnly: false, busyTimeoutMs: 0 })
  onTestFinished(() => connection.close())
  connection.command('create table entries (n integer primary key, text text)')
  connection.command('pragma max_page_count = 20')
  return connection
}

type Work = (session: Session) => Promise<unknown>

const run = async (connection: Connection, ...works: readonly Work[]): Promise<string> => {
  const ends = works.map((work) => {
    const { promise, resolve, reject } = Promise.withResolvers()
    const unit: Unit = { kind: 'work', run: work, resolve, reject }
    return { unit, promise }
  })
  const group = runGroup(
    connection,
    ends.map(({ unit }) => unit),
  )
  const results = await Promise.allSettled(ends.map(({ promise }) => promise))
  await group
  return results
    .map((result) => (result.status === 'rejected' ? (result.reason as { code: string }).code : 'kept'))
    .join(' ')
}

const entries = (connection: Connection): number[] => connection.all(all, {}).map(({ n }) => n)

const insertOf =
  (n: number, sizeBytes = 1): Work =>
  async (session) =>
    session.run(insert, { n, text: 'x'.repeat(sizeBytes) })

const tooBig = insertOf(2, 999_999)

it('rejects every unit of a transaction that SQLite gave up by itself, and takes the next', async () => {
  const connection = opened()
  const full = 'database.full'
  expect(await run(connection, insertOf(1), tooBig, insertOf(3))).toBe(`${full} ${full} ${full}`)
  expect(entries(connection)).toEqual([])
  expect(await run(connection, insertOf(1), insertOf(3))).toBe('kept kept')
  expect(entries(connection)).toEqual([1, 3])
})

it('lets a unit that swallows such a failure write nothing after it', async () => {
  const connection = opened()
  const said: unknown[] = []
  const stubborn: Work = async (session) => {
    await tooBig(session).catch(() => {})
    await insertOf(5)(session).catch((error: { code: string }) => said.push(error.code))
  }
  expect(await run(connection, stubborn)).toBe('database.full')
  expect(said).toEqual(['database.full'])
  expect(entries(connection)).toEqual([])
})
