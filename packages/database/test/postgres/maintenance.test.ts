import { join } from 'node:path'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { copyDatabase, migrateSchema, schemaState } from '../../src/maintenance.ts'
import { migrationNames } from '../../src/migrations/names.ts'
import { acceptTurn, call, conversation, hold, message } from '../../src/testing/records.ts'
import { openDatabase } from '../open.ts'
import { newDatabase, openPostgres, postgresOfFile, sqlOn } from './open.ts'

const memory = { id: 'mem1', principalId: 'p1', origin: 'a', text: 'a fact', isTainted: true, createdAt: 1 }
const embedding = { embedder: 'e', vector: Float32Array.of(0.6, 0.8) }
const place = { plugin: 'notes', scope: 'plugin', owner: '' } as const

/** A file with something of each kind, and more messages than are copied at once. */
const filled = async (): Promise<string> => {
  const { stores, unitOfWork, path, stop } = await openDatabase()
  await stores.conversations.create(conversation())
  await acceptTurn(stores, 1)
  await stores.turns.startCalls(hold(), [call({ input: { text: 'a\0b' } })])
  await unitOfWork.run(async ({ messages }) => {
    for (let n = 2; n < 1300; n++)
      await messages.append(message({ id: `m${n}`, text: `a\0b\uFDD0 ${n} 日本` }))
  })
  await stores.keyValues.set(place, 'k', { n: 1.5 }, { operationId: 'o', nowMs: 0 })
  await stores.memories.add(memory, embedding, { ofOrigin: 9, ofPerson: 9 })
  await stores.secrets.replace({ generation: 1, text: 'sealed' })
  await stop()
  return path
}

describeWith('postgres', 'looking after databases', () => {
  const file = postgresOfFile()

  it('says what is to be migrated, does it, and says that nothing is left', async () => {
    for (const where of [{}, { url: await newDatabase(file) }]) {
      const database = { path: join(temporaryFolder(), 'x.db'), ...where }
      const engine = 'url' in where ? 'postgres' : 'sqlite'
      expect(await schemaState(database)).toEqual({ engine, pending: [...migrationNames] })
      expect(await migrateSchema(database)).toEqual({ engine, pending: [...migrationNames] })
      expect(await schemaState(database)).toEqual({ engine, pending: [] })
    }
  })

  it('copies everything from SQLite to PostgreSQL, where it goes on', async () => {
    const path = await filled()
    const url = await newDatabase(file)
    const copied = await copyDatabase({ path }, { url })
    expect(copied.find(({ table }) => table === 'messages')).toMatchObject({ rows: 1299 })
    const [{ stores: here, stop }, { stores: there }] = [await openDatabase(path), await openPostgres(url)]
    expect(await there.messages.recent('c1', 2000)).toEqual(await here.messages.recent('c1', 2000))
    expect(await there.messages.page('c1', { limit: 2000 })).toEqual(
      await here.messages.page('c1', { limit: 2000 }),
    )
    expect(await there.turns.calls('t1')).toEqual(await here.turns.calls('t1'))
    expect(await there.sessions.instanceId()).toBe(await here.sessions.instanceId())
    expect(await there.keyValues.get(place, 'k', 0)).toEqual({ n: 1.5 })
    expect(await there.memories.search({ principalId: 'p1' }, embedding, 9)).toMatchObject([memory])
    expect(await there.secrets.read()).toEqual({ generation: 1, text: 'sealed' })
    await there.messages.append(message({ id: 'after' }))
    expect((await there.messages.page('c1', { limit: 2000 })).items.at(-1)?.id).toBe('after')
    await stop()
    await expect(copyDatabase({ path }, { url })).rejects.toMatchObject({ code: 'database.conflict' })
  })

  it('keeps nothing where a row does not arrive as it was', async () => {
    const url = await newDatabase(file)
    await migrateSchema({ path: '', url })
    await sqlOn(
      url,
      `create function mangle() returns trigger language plpgsql as $$ begin
        if new.id = 'm700' then new.text := 'mangled'; end if; return new; end $$;
      create trigger mangle before insert on messages for each row execute function mangle()`,
    )
    const copying = copyDatabase({ path: await filled() }, { url })
    await expect(copying).rejects.toMatchObject({
      message: expect.stringContaining('messages is not the same'),
    })
    expect(await sqlOn(url, 'select count(*)::int n from conversations')).toEqual([{ n: 0 }])
  })
})
