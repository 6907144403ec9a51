import { DatabaseError } from '@covent/core'
import { postgresDatabase, type PostgresOptions } from '../postgres/postgres-database.ts'
import { fromColumnText, toColumnText } from '../postgres/text.ts'
import { type Connection, openConnection } from '../sqlite/connection.ts'
import { pendingMigrations } from '../sqlite/pending-migrations.ts'
import { rowDigest } from './row-digest.ts'
import { tableNames, tables } from './tables.ts'

export interface CopiedTable {
  readonly table: string
  readonly rows: number
  /** SHA-256 over all rows, the same on both sides; hex. */
  readonly digest: string
}

type Row = Readonly<Record<string, unknown>>
type Table = (typeof tableNames)[number]
type Execute = (sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>

const BATCH = 500

const refused = (message: string): DatabaseError => new DatabaseError('database.conflict', message)

const keyOf = (table: Table): string => tables[table].map((column) => `"${column}"`).join(', ')

const isSequenced = (table: Table): boolean => tables[table][0] === 'seq'

const rowsIn = function* (source: Connection, table: Table): Generator<readonly Row[]> {
  const isNumbered = isSequenced(table)
  for (let [at, last] = [0, 0]; ; at += BATCH) {
    // Tables that grow large are numbered.
    const [place, skipped] = isNumbered ? [`where seq > ${last}`, 0] : ['', at]
    const sql = `select * from "${table}" ${place} order by ${keyOf(table)} limit ${BATCH} offset ${skipped}`
    const { rows } = source.execute(sql, [])
    if (rows.length > 0) yield rows
    if (rows.length < BATCH) return
    last = Number(rows.at(-1)?.['seq'])
  }
}

/** As `json_populate_recordset` takes it. */
const sendable = (value: unknown): unknown => {
  if (typeof value === 'string') return toColumnText(value)
  return value instanceof Uint8Array ? Array.from(new Float32Array(value.slice().buffer)) : value
}

const readable = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'string' ? fromColumnText(value) : value,
    ]),
  )

const copyTable = async (source: Connection, execute: Execute, table: Table): Promise<CopiedTable> => {
  const digest = rowDigest()
  let count = 0
  for (const rows of rowsIn(source, table)) {
    for (const row of rows) digest.add(row)
    const sent = rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, sendable(value)])),
    )
    await execute(`insert into "${table}" select * from json_populate_recordset(null::"${table}", $1)`, [
      JSON.stringify(sent),
    ])
    count += rows.length
  }
  if (isSequenced(table))
    await execute(
      `select setval(pg_get_serial_sequence('"${table}"', 'seq'), coalesce(max(seq), 0) + 1, false) from "${table}"`,
    )
  return { table, rows: count, digest: digest.end() }
}

const digestOf = async (execute: Execute, table: Table): Promise<string> => {
  const digest = rowDigest()
  await execute(`declare copied no scroll cursor for select * from "${table}" order by ${keyOf(table)}`)
  for (;;) {
    const rows = await execute(`fetch ${BATCH} from copied`)
    for (const row of rows) digest.add(readable(row))
    if (rows.length < BATCH) break
  }
  await execute('close copied')
  return digest.end()
}

const copyAll = async (source: Connection, execute: Execute): Promise<readonly CopiedTable[]> => {
  // The name that the migrations gave the installation gives way to that of the source.
  await execute('delete from instance')
  const copied: CopiedTable[] = []
  for (const table of tableNames) {
    const [found] = await execute(`select exists (select from "${table}") as "isFilled"`)
    if (found?.['isFilled'] !== false) throw refused(`${table} is not empty there: copy into a new database`)
    const one = await copyTable(source, execute, table)
    if ((await digestOf(execute, table)) !== one.digest)
      throw refused(`${table} is not the same there as here; nothing was kept`)
    copied.push(one)
  }
  return copied
}

/**
 * Copies a database of SQLite, which nobody writes to meanwhile, into a new one of PostgreSQL: all of it, each table read
 * back and compared by its digest, or nothing.
 */
export const copyDatabase = async (
  { path }: { readonly path: string },
  target: PostgresOptions,
): Promise<readonly CopiedTable[]> => {
  const source = openConnection(path, { readOnly: true, busyTimeoutMs: 1000 })
  const database = postgresDatabase(target)
  try {
    if (pendingMigrations(source).length > 0)
      throw refused('the database here is of an earlier version: run `covent db migrate` first')
    await database.start()
    return await database.unitOfWork.run(({ sql }) =>
      copyAll(source, async (text, values) => (await sql.execute(text, values)).rows),
    )
  } finally {
    source.close()
    await database.stop()
  }
}
