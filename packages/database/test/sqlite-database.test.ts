import { AsyncLocalStorage } from 'node:async_hooks'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { sqliteDatabase } from '../src/index.ts'
import { openWriter } from '../src/sqlite/connection.ts'
import { conversation, message } from '../src/testing/records.ts'
import { openDatabase } from './open.ts'

const newPath = (): string => join(temporaryFolder(), 'data', 'covent.db')

const withSql = (path: string, sql: string): string => {
  mkdirSync(dirname(path), { recursive: true })
  const db = new DatabaseSync(path)
  db.exec(sql)
  db.close()
  return path
}

const tables = (path: string): string => {
  const db = new DatabaseSync(path, { readOnly: true })
  const rows = db.prepare(`select name from sqlite_master where type = 'table' order by name`).all()
  db.close()
  return rows.map(({ name }) => name).join(' ')
}

/** How many transactions stand in the write-ahead log: its frames that carry the database's size. */
const commitsInLog = (path: string): number => {
  const log = readFileSync(`${path}-wal`)
  const frameBytes = 24 + log.readUInt32BE(8)
  let commits = 0
  for (let at = 32; at + frameBytes <= log.length; at += frameBytes)
    if (log.readUInt32BE(at + 4) > 0) commits++
  return commits
}

describe('opening', () => {
  it('does nothing before start, and refuses calls before it and after stop', async () => {
    const path = newPath()
    const { stores, unitOfWork, health, start, stop } = sqliteDatabase({ path })
    const refused = async () => {
      const unavailable = { code: 'database.unavailable' }
      await expect(stores.conversations.find('c1', 'p1')).rejects.toMatchObject(unavailable)
      await expect(stores.conversations.create(conversation())).rejects.toMatchObject(unavailable)
      await expect(unitOfWork.run(async () => 1)).rejects.toMatchObject(unavailable)
      expect(await health.check()).toEqual({ ok: false, detail: 'database.unavailable' })
    }
    await refused()
    expect(existsSync(dirname(path))).toBe(false)
    await start()
    await stores.conversations.create(conversation())
    expect(await health.check()).toEqual({ ok: true })
    await stop()
    await refused()
  })

  it('keeps folder and files to their owner', async () => {
    const { stores, path } = await openDatabase()
    await stores.conversations.create(conversation())
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
    const files = readdirSync(dirname(path)).map((file) => [
      file,
      statSync(join(dirname(path), file)).mode & 0o777,
    ])
    expect(Object.fromEntries(files)).toEqual({
      'covent.db': 0o600,
      'covent.db-shm': 0o600,
      'covent.db-wal': 0o600,
    })
  })

  it('finds what was there before', async () => {
    const { stores, path, stop } = await openDatabase()
    await stores.conversations.create(conversation())
    await stop()
    const again = await openDatabase(path)
    expect(await again.stores.conversations.find('c1', 'p1')).toEqual(conversation())
  })

  it('refuses a schema newer than it knows, and changes no byte', async () => {
    const { path, stop } = await openDatabase()
    await stop()
    withSql(
      path,
      `pragma journal_mode = delete;
      insert into kysely_migration values ('9999-later', '2030-01-01T00:00:00.000Z')`,
    )
    const before = readFileSync(path)
    const newer = sqliteDatabase({ path })
    await expect(newer.start()).rejects.toMatchObject({
      code: 'database.schema-newer',
      message: expect.stringContaining('9999-later'),
    })
    await newer.stop()
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('leaves a database as it was when a migration fails', async () => {
    const path = withSql(newPath(), 'create table turns (mine text)')
    await expect(sqliteDatabase({ path }).start()).rejects.toMatchObject({
      code: 'database.migration-failed',
    })
    expect(tables(path)).toBe('turns')
  })

  it('refuses a file that is no database, and leaves it alone', async () => {
    const path = join(temporaryFolder(), 'covent.db')
    writeFileSync(path, 'a letter to my aunt, which is longer than a header '.repeat(100))
    await expect(sqliteDatabase({ path }).start()).rejects.toMatchObject({ code: 'database.unavailable' })
    expect(readFileSync(path, 'utf8')).toMatch(/^a letter/)
  })

  it('refuses a place where it may not write', async () => {
    const start = sqliteDatabase({ path: '/dev/null/covent.db' }).start()
    await expect(start).rejects.toMatchObject({ code: 'database.unavailable' })
  })
})

it('waits with each commit for the disk, and lets readers read meanwhile', () => {
  const writer = openWriter(join(temporaryFolder(), 'covent.db'), 0)
  const pragma = (name: string) => writer.get({ sql: `pragma ${name}`, names: [] }, {})
  expect(pragma('synchronous')).toEqual({ synchronous: 2 })
  expect(pragma('journal_mode')).toEqual({ journal_mode: 'wal' })
  expect(pragma('foreign_keys')).toEqual({ foreign_keys: 1 })
  writer.close()
})

describe('group commit', () => {
  it('lets writers that come one after another in a round of the loop share a commit', async () => {
    const { stores, unitOfWork, path } = await openDatabase()
    await stores.conversations.create(conversation())
    const before = commitsInLog(path)
    const write = async (n: number): Promise<number> => {
      await sleep(1)
      if (n % 2 === 0) await stores.messages.append(message({ id: `m${n}` }))
      else await unitOfWork.run((unit) => unit.messages.append(message({ id: `m${n}` })))
      return n
    }
    const numbers = Array.from({ length: 40 }, (_, n) => n)
    expect(await Promise.all(numbers.map(write))).toEqual(numbers)
    expect(commitsInLog(path) - before).toBeLessThan(8)
  })

  it('makes a write durable by itself where there is no other', async () => {
    const { stores, path } = await openDatabase()
    const before = commitsInLog(path)
    await stores.conversations.create(conversation())
    expect(commitsInLog(path) - before).toBe(1)
  })

  it('runs each work in the async context of its caller', async () => {
    const { unitOfWork } = await openDatabase()
    const context = new AsyncLocalStorage<string>()
    const seen = ['a', 'b', 'c'].map((name) =>
      context.run(name, () =>
        unitOfWork.run(async (unit) => {
          await unit.turns.lapsed()
          return context.getStore()
        }),
      ),
    )
    expect(await Promise.all(seen)).toEqual(['a', 'b', 'c'])
  })

  it('commits what was asked for before stop', async () => {
    const { stores, path, stop } = await openDatabase()
    const writes = [stores.conversations.create(conversation()), stop()]
    await Promise.all(writes)
    const again = await openDatabase(path)
    expect(await again.stores.conversations.find('c1', 'p1')).toEqual(conversation())
  })
})
