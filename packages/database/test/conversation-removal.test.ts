import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextRound } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { call, conversation, hold, leaseMs, message, turn } from '../src/testing/records.ts'
import { openDatabase } from './open.ts'

const place = { plugin: 'notes', scope: 'conversation', owner: 'c1' } as const

/** A database with conversation `c1` of many units' worth of rows, and `c2` of one message. */
const withLong = async (length = 1300) => {
  const database = await openDatabase()
  const { unitOfWork, path } = database
  await unitOfWork.run(async ({ conversations, turns, messages, keyValues }) => {
    await conversations.create(conversation())
    await conversations.create(conversation({ id: 'c2' }))
    await messages.append(message({ id: 'other', conversationId: 'c2' }))
    for (let n = 0; n < length; n++) {
      await turns.accept(turn({ id: `t${n}`, messageId: `m${n}` }), leaseMs)
      await turns.startCalls(hold(`t${n}`), [call({ id: `call${n}`, turnId: `t${n}` })])
      await messages.append(message({ id: `m${n}`, turnId: `t${n}` }))
      await keyValues.set(place, `k${n}`, n, { operationId: `o${n}`, nowMs: 0 })
    }
  })
  return { ...database, raw: new DatabaseSync(path) }
}

const rowsOf = (db: DatabaseSync): unknown =>
  db
    .prepare(
      `select (select count(*) from conversations) conversations, (select count(*) from messages) messages,
      (select count(*) from turns) turns, (select count(*) from calls) calls,
      (select count(*) from key_values) key_values, (select bytes from key_value_usage) bytes`,
    )
    .get()

const onlyOther = { conversations: 1, messages: 1, turns: 0, calls: 0, key_values: 0, bytes: 0 }

it('deletes a long conversation in many units, between which others write, and which its owner sees nothing of', async () => {
  const { stores, raw } = await withLong()
  const seen: string[] = []
  const removal = { hasEnded: false }
  const removed = stores.conversations.remove('c1', 'p1').finally(() => (removal.hasEnded = true))
  for (let n = 0; !removal.hasEnded; n++) {
    await stores.keys.touch('k1', n)
    const left = Number(
      raw.prepare(`select count(*) n from messages where conversation_id = 'c1'`).get()?.['n'],
    )
    const [found, listed] = [
      await stores.conversations.find('c1', 'p1'),
      (await stores.conversations.list('p1', { limit: 9 })).items.length,
    ]
    seen.push(`${left > 0 && left < 1300 ? 'half' : 'whole or gone'} ${found?.id} ${listed}`)
    await nextRound()
  }
  expect(await removed).toBe(true)
  expect(rowsOf(raw)).toEqual(onlyOther)
  expect(new Set(seen)).toEqual(new Set(['half undefined 1', 'whole or gone undefined 1']))
  raw.close()
})

it('is one with whatever else its unit of work does', async () => {
  const { stores, unitOfWork, raw } = await withLong()
  const before = rowsOf(raw)
  const failing = unitOfWork.run(async ({ conversations }) => {
    expect(await conversations.remove('c1', 'p1')).toBe(true)
    throw new Error('rolled back')
  })
  await expect(failing).rejects.toThrow('rolled back')
  expect(rowsOf(raw)).toEqual(before)
  expect(await stores.conversations.find('c1', 'p1')).toEqual(conversation())
  raw.close()
})

/** Leaves `c1` as a process does that dies after the first unit. */
const diesWhileDeleting = async (): Promise<string> => {
  const { path, stop, raw } = await withLong()
  await stop()
  raw.exec(`update conversations set principal_id = '' where id = 'c1'; delete from calls where rowid < 500`)
  raw.close()
  return path
}

it('deletes at start what a process that died was deleting, before anyone reads', async () => {
  const path = await diesWhileDeleting()
  const { stores } = await openDatabase(path)
  expect(await stores.turns.lapsed()).toEqual([])
  const raw = new DatabaseSync(path)
  expect(rowsOf(raw)).toEqual(onlyOther)
  raw.close()
})

it('starts although it cannot delete now, and goes on at the next start', async () => {
  const path = await diesWhileDeleting()
  const shell = new DatabaseSync(path)
  shell.exec('begin immediate')
  const { stores, health, stop } = await openDatabase(path, 50)
  expect(await stores.conversations.find('c1', 'p1')).toBeUndefined()
  expect(await health.check()).toEqual({ ok: false, detail: 'database.unavailable' })
  shell.exec('rollback')
  await stop()
  await openDatabase(path)
  expect(rowsOf(shell)).toEqual(onlyOther)
  shell.close()
})
