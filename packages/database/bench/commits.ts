import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Message, Stores } from '@covent/core'
import { type SqliteDatabase, sqliteDatabase } from '../src/index.ts'

/** Operations per second of ours and of its rival, measured in turns in one process. */
export interface BenchRow {
  readonly name: string
  readonly ours: number
  readonly rival: string
  readonly theirs: number
  readonly ratio: number
}

type Work = (count: number) => Promise<void> | void

const idOf = (n: number): string => `msg_${String(n).padStart(26, '0')}`

/** New messages, numbered from 0. */
const messages = (): (() => Message) => {
  let made = 0
  return () => ({
    id: idOf(made++),
    conversationId: 'c1',
    turnId: 't1',
    role: 'user',
    text: 'What time is it in Tokyo?',
    createdAt: 1,
    status: 'accepted',
  })
}

/** The same table and indexes, without the package. */
const rawDatabase = (path: string): DatabaseSync => {
  const db = new DatabaseSync(path)
  db.exec('pragma synchronous = full')
  return db
}

const insert = `insert into messages (id, conversation_id, turn_id, role, text, created_at, status, error_code,
  error_message) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`

const rawAppend = (db: DatabaseSync, next: () => Message): Work => {
  const statement = db.prepare(insert)
  return (count) => {
    for (let n = 0; n < count; n++) {
      const row = next()
      statement.run(
        row.id,
        row.conversationId,
        row.turnId,
        row.role,
        row.text,
        row.createdAt,
        row.status,
        null,
        null,
      )
    }
  }
}

const append =
  (stores: Stores, next: () => Message, concurrency: number): Work =>
  async (count) => {
    const worker = async (): Promise<void> => {
      for (let n = 0; n < count / concurrency; n++) await stores.messages.append(next())
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  }

const rawFind = (db: DatabaseSync): Work => {
  const statement = db.prepare('select * from messages where id = ?')
  return (count) => {
    for (let n = 0; n < count; n++) statement.get(idOf(n % 500))
  }
}

const find =
  (stores: Stores): Work =>
  async (count) => {
    for (let n = 0; n < count; n++) await stores.messages.find(idOf(n % 500))
  }

const perSecond = async (work: Work, count: number): Promise<number> => {
  const startedAt = performance.now()
  await work(count)
  return (count / (performance.now() - startedAt)) * 1000
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

interface Race {
  readonly name: string
  readonly rival: string
  readonly ours: Work
  readonly theirs: Work
  readonly count: number
}

/** Nine rounds by turns, so that a noisy moment hits both; the ratio is the median of the rounds' ratios. */
const race = async ({ name, rival, ours, theirs, count }: Race): Promise<BenchRow> => {
  await perSecond(ours, count)
  await perSecond(theirs, count)
  const rounds: [number, number][] = []
  for (let n = 0; n < 9; n++) rounds.push([await perSecond(ours, count), await perSecond(theirs, count)])
  return {
    name,
    rival,
    ours: median(rounds.map(([own]) => own)),
    theirs: median(rounds.map(([, other]) => other)),
    ratio: median(rounds.map(([own, other]) => own / other)),
  }
}

const prepared = async (path: string): Promise<SqliteDatabase> => {
  const database = sqliteDatabase({ path })
  await database.start()
  await database.stores.conversations.create({ id: 'c1', principalId: 'p', character: 'c', createdAt: 1 })
  return database
}

const races = (stores: Stores, raw: DatabaseSync): readonly Race[] => {
  const [ours, theirs] = [messages(), messages()]
  const rival = 'node:sqlite, one commit each'
  return [
    {
      name: 'durable commits, 1 at a time',
      rival,
      ours: append(stores, ours, 1),
      theirs: rawAppend(raw, theirs),
      count: 500,
    },
    {
      name: 'durable commits, 16 at a time',
      rival,
      ours: append(stores, ours, 16),
      theirs: rawAppend(raw, theirs),
      count: 1600,
    },
    {
      name: 'point reads',
      rival: 'node:sqlite, prepared',
      ours: find(stores),
      theirs: rawFind(raw),
      count: 20_000,
    },
  ]
}

/** Single-row durable commits and point reads through the store, against node:sqlite with the same table. */
export const run = async (): Promise<BenchRow[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'covent-bench-'))
  const twinPath = join(folder, 'raw.db')
  const [ours, twin] = [await prepared(join(folder, 'ours.db')), await prepared(twinPath)]
  const raw = rawDatabase(twinPath)
  const rows: BenchRow[] = []
  try {
    for (const entry of races(ours.stores, raw)) rows.push(await race(entry))
    return rows
  } finally {
    raw.close()
    await Promise.all([ours.stop(), twin.stop()])
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) console.table(await run())
