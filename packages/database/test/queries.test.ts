import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely'
import { expect, it } from 'vitest'
import { compiledForPostgres, compiledForSqlite } from '../scripts/generate-queries.ts'
import { query } from '../src/queries/query.ts'
import { valuesFor } from '../src/query.ts'
import type { Schema } from '../src/schema.ts'
import { commandLine, runProgram } from './programs/program.ts'

const db = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

/** How many modules of Kysely a process loads that starts this database twice. */
const loadedFor = async (path: string): Promise<number> => {
  const { ended, lines } = runProgram(commandLine('count-kysely', path))
  await ended
  return Number(lines[0])
}

it('loads Kysely to migrate, and nothing of it for a database that is up to date', async () => {
  const path = join(temporaryFolder(), 'covent.db')
  expect(await loadedFor(path)).toBeGreaterThan(100)
  expect(await loadedFor(path)).toBe(0)
})

it.each([
  ['sqlite', compiledForSqlite],
  ['postgres', compiledForPostgres],
])('has committed the statements that the definitions make for %s', (engine, compiled) => {
  const committed = join(import.meta.dirname, `../src/${engine}/queries.gen.ts`)
  expect(readFileSync(committed, 'utf8')).toBe(compiled())
})

it('sends each parameter by its name, wherever and however often it stands', () => {
  const twice = query((p: { readonly id: string; readonly limit: number }) =>
    db
      .selectFrom('turns')
      .select('id')
      .where(({ eb, or }) => or([eb('id', '=', p.id), eb('reply_id', '=', p.id)]))
      .limit(p.limit),
  )
  expect(twice.names).toEqual(['id', 'id', 'limit'])
  expect(valuesFor(twice, { limit: 3, id: 't1' })).toEqual(['t1', 't1', 3])
})

it('refuses a value that would become a parameter without a name', () => {
  const ofState = (state: unknown) =>
    query(() =>
      db
        .selectFrom('turns')
        .select('id')
        .where('state', '=', state as string),
    )
  expect(() => ofState('accepted')).toThrow(/"accepted" would become a parameter.*"state" = \?; use sql\.lit/)
  expect(ofState(sql.lit('accepted')).names).toEqual([])
})

it('keeps the types of parameters and rows', () => {
  const byId = query((p: { readonly id: string }) =>
    db.selectFrom('turns').select('seq').where('id', '=', p.id),
  )
  const row: { readonly seq: number } | undefined = byId.row
  // @ts-expect-error a turn's number is not text
  const text: { readonly seq: string } | undefined = byId.row
  // @ts-expect-error `id` is text
  expect(valuesFor(byId, { id: 1 })).toEqual([1])
  expect([row, text]).toEqual([undefined, undefined])
})
