import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stores, UnitOfWork } from '@covent/core'
import { sqliteDatabase } from '../src/index.ts'
import { postgresDatabase } from '../src/postgres/postgres-database.ts'
import { conversation, leaseMs, message, turn } from '../src/testing/records.ts'

interface Database {
  readonly stores: Stores
  readonly unitOfWork: UnitOfWork
  start(): Promise<void>
  stop(): Promise<void>
}

const WORKERS = 16
const UNITS = 1600

/** Turns accepted with their message, and read back, per second, by sixteen at once in as many conversations. */
const measure = async (database: Database): Promise<{ accepted: number; read: number }> => {
  await database.start()
  const run = `${process.pid}-${Date.now()}`
  const each = async (work: (id: string, conversationId: string) => Promise<unknown>): Promise<number> => {
    const startedAt = performance.now()
    const worker = async (w: number): Promise<void> => {
      for (let n = 0; n < UNITS / WORKERS; n++) await work(`${run}-${w}-${n}`, `${run}-${w}`)
    }
    await Promise.all(Array.from({ length: WORKERS }, (_, w) => worker(w)))
    return Math.round((UNITS / (performance.now() - startedAt)) * 1000)
  }
  for (let w = 0; w < WORKERS; w++)
    await database.stores.conversations.create(conversation({ id: `${run}-${w}` }))
  const accept = (id: string, conversationId: string): Promise<void> =>
    database.unitOfWork.run(async ({ turns, messages }) => {
      await turns.accept(turn({ id, conversationId, messageId: id }), leaseMs)
      await messages.append(message({ id, conversationId, turnId: id }))
    })
  const accepted = await each(accept)
  const read = await each((id) => database.stores.messages.find(id))
  await database.stop()
  return { accepted, read }
}

/** Compares the engines: `node --conditions=@covent/source bench/engines.ts postgres://…`. */
const folder = mkdtempSync(join(tmpdir(), 'covent-bench-'))
const url = process.argv[2]
console.table({
  sqlite: await measure(sqliteDatabase({ path: join(folder, 'x.db') })),
  ...(url !== undefined && { postgres: await measure(postgresDatabase({ url })) }),
})
rmSync(folder, { recursive: true, force: true })
