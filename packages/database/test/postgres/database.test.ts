import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { migrationNames } from '../../src/migrations/names.ts'
import { postgresDatabase } from '../../src/postgres/postgres-database.ts'
import { conversation, leaseMs, message, turn } from '../../src/testing/records.ts'
import { newDatabase, openPostgres, postgresOfFile, sqlOn } from './open.ts'
import { commandLine, runProgram } from '../programs/program.ts'

const unavailable = { code: 'database.unavailable' }

describeWith('postgres', 'a database of PostgreSQL', () => {
  const file = postgresOfFile()
  const open = async (options = {}) => openPostgres(await newDatabase(file), options)

  it('does nothing before start, and refuses calls before it and after stop', async () => {
    const url = await newDatabase(file)
    const { stores, unitOfWork, health, start, stop } = postgresDatabase({ url })
    const refused = async () => {
      await expect(stores.conversations.find('c1', 'p1')).rejects.toMatchObject(unavailable)
      await expect(stores.conversations.create(conversation())).rejects.toMatchObject(unavailable)
      await expect(unitOfWork.run(async () => 1)).rejects.toMatchObject(unavailable)
      expect(await health.check()).toEqual({ ok: false, detail: 'database.unavailable' })
    }
    await refused()
    await start()
    await stores.conversations.create(conversation())
    expect(await health.check()).toEqual({ ok: true })
    await stop()
    await refused()
    const again = await openPostgres(url)
    expect(await again.stores.conversations.find('c1', 'p1')).toEqual(conversation())
  })

  it('is migrated once by servers that start at the same time', async () => {
    const url = await newDatabase(file)
    const programs = [1, 2, 3].map(() => runProgram(commandLine('migrate', url)))
    await Promise.all(programs.map(({ ended }) => ended))
    expect(programs.map(({ lines }) => lines.join())).toEqual(['open', 'open', 'open'])
    const applied = await sqlOn(url, 'select name from kysely_migration order by name')
    expect(applied.map(({ name }) => name)).toEqual([...migrationNames])
    expect(await sqlOn(url, 'select count(*)::int n from instance')).toEqual([{ n: 1 }])
  })

  it('refuses a schema newer than it knows, and stays as it was when a migration fails', async () => {
    const newer = await open()
    await sqlOn(newer.url, `insert into kysely_migration values ('9999-later', '2030-01-01T00:00:00.000Z')`)
    await expect(postgresDatabase({ url: newer.url }).start()).rejects.toMatchObject({
      code: 'database.schema-newer',
      message: expect.stringContaining('9999-later'),
    })
    const url = await newDatabase(file)
    await sqlOn(url, 'create table turns (mine text)')
    const failing = postgresDatabase({ url }).start()
    await expect(failing).rejects.toMatchObject({ code: 'database.migration-failed' })
    const tables = await sqlOn(url, `select tablename from pg_tables where schemaname = 'public'`)
    expect(tables).toEqual([{ tablename: 'turns' }])
  })

  it('says why it cannot be reached, and never the password', async () => {
    const urlOf = (part: string) => `postgres://covent:hush-hush@127.0.0.1:${part}`
    for (const part of [
      `${file.server.port}/absent`,
      '1/postgres',
      `${file.server.port}/postgres?sslmode=require`,
    ]) {
      const error = await postgresDatabase({ url: urlOf(part) })
        .start()
        .catch((caught: unknown) => caught)
      expect(error).toMatchObject(unavailable)
      expect(JSON.stringify([error, String((error as Error).cause)])).not.toContain('hush')
    }
    for (const part of [
      'x/y',
      '1/y?sslmode=maybe',
      '1/y?sslmode=verify-full&sslrootcert=/absent',
      '1/y?unknown=1',
    ])
      await expect(postgresDatabase({ url: urlOf(part) }).start()).rejects.toMatchObject({
        code: 'config.invalid-value',
        message: expect.not.stringContaining('hush'),
      })
  })

  it('runs each work in the async context of its caller', async () => {
    const { unitOfWork } = await open()
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

  it('sends away at once who would wait too long, and bounds the wait of the others', async () => {
    const { stores, unitOfWork } = await open({ poolSize: 1, connectTimeoutMs: 100 })
    const { promise: isHeld, resolve: held } = Promise.withResolvers<void>()
    const slow = unitOfWork.run(async ({ sql }) => {
      const sleeping = sql.execute('select pg_sleep(0.4)')
      held()
      await sleeping
    })
    await isHeld
    const startedAt = performance.now()
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => stores.turns.lapsed()))
    expect(performance.now() - startedAt).toBeLessThan(350)
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { ...unavailable, status: 503 } })
    await slow
    expect(await stores.turns.lapsed()).toEqual([])
  })

  it('gives up a statement that takes too long, and a unit that waits for a lock', async () => {
    const { stores, unitOfWork, url } = await open({ statementTimeoutMs: 150 })
    await expect(stores.sql.execute('select pg_sleep(5)')).rejects.toMatchObject(unavailable)
    await stores.conversations.create(conversation())
    const locked = sqlOn(url, 'begin; select * from conversations for update; select pg_sleep(0.5); commit')
    await sleep(100)
    const waiting = unitOfWork.run(({ sql }) => sql.execute(`update conversations set character = 'x'`))
    await expect(waiting).rejects.toMatchObject(unavailable)
    await locked
    await unitOfWork.run(({ sql }) => sql.execute(`update conversations set character = 'y'`))
    expect(await stores.conversations.find('c1', 'p1')).toMatchObject({ character: 'y' })
  })

  it('refuses writes while the database takes none, reads on, and says so', async () => {
    const { stores, health, url, stop } = await open()
    await stores.conversations.create(conversation())
    await stop()
    const name = url.split('/').at(-1)!
    await sqlOn(file.url, `alter database ${name} set default_transaction_read_only = on`)
    const readOnly = await openPostgres(url)
    expect(await readOnly.stores.conversations.find('c1', 'p1')).toEqual(conversation())
    await expect(readOnly.stores.conversations.create(conversation({ id: 'c2' }))).rejects.toMatchObject(
      unavailable,
    )
    const unit = readOnly.unitOfWork.run((within) => within.conversations.create(conversation({ id: 'c3' })))
    await expect(unit).rejects.toMatchObject(unavailable)
    expect(await readOnly.health.check()).toEqual({ ok: false, detail: 'database.unavailable' })
    expect(await health.check()).toEqual({ ok: false, detail: 'database.unavailable' })
  })

  it('refuses what it has no connection for where the server grants fewer, and serves on with those', async () => {
    const { url } = await open()
    await sqlOn(
      url,
      `create role frugal login connection limit 1; grant all on all tables in schema public to frugal`,
    )
    const { stores } = await openPostgres(url.replace('covent@', 'frugal@'))
    // What a start does in the background has the connection at first.
    await expect.poll(() => stores.turns.lapsed().catch(() => undefined)).toEqual([])
    const slow = stores.sql.execute('select pg_sleep(0.4)')
    await sleep(100)
    const results = await Promise.allSettled([1, 2, 3].map(() => stores.turns.lapsed()))
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(results[1]).toMatchObject({ reason: unavailable })
    expect((await slow).rowCount).toBe(1)
    expect(await stores.turns.lapsed()).toEqual([])
  })

  it('lets a library’s own SQL be part of a unit, or stand alone with several statements', async () => {
    const { stores, unitOfWork } = await open()
    await stores.sql.execute(
      'create table things (n bigint, at timestamptz); insert into things values (1, now())',
    )
    const failed = unitOfWork.run(async (unit) => {
      await unit.sql.execute('insert into things values ($1, now())', [2])
      await unit.conversations.create(conversation())
      throw new Error('on purpose')
    })
    await expect(failed).rejects.toThrow('on purpose')
    await unitOfWork.run((unit) => unit.sql.execute('insert into things values ($1, now())', [3]))
    const { rows, rowCount } = await stores.sql.execute('select n, at from things order by n')
    expect([rowCount, rows.map(({ n }) => n)]).toEqual([2, ['1', '3']])
    expect(rows[0]?.['at']).toBeInstanceOf(Date)
  })

  it('deletes in the background what a process that died was deleting', async () => {
    const { stores, url, stop } = await open()
    await stores.conversations.create(conversation())
    await stores.messages.append(message())
    await stop()
    await sqlOn(url, `update conversations set principal_id = ''`)
    await openPostgres(url)
    await expect.poll(() => sqlOn(url, 'select id from messages')).toEqual([])
  })

  it('survives an immediate restart of the server, refuses meanwhile, and is back by itself', async () => {
    const database = await open()
    const { stores, unitOfWork, health, url } = database
    await stores.conversations.create(conversation())
    const kept: string[] = []
    const codes = new Set<string>()
    const load = { isOver: false, made: 0 }
    const write = async (): Promise<void> => {
      while (!load.isOver) {
        const id = `m${load.made++}`
        await unitOfWork
          .run(async (unit) => {
            await unit.turns.accept(turn({ id, messageId: id }), leaseMs)
            await unit.messages.append(message({ id, turnId: id }))
          })
          .then(
            () => kept.push(id),
            (error: { code: string }) => codes.add(error.code),
          )
        await sleep(1)
      }
    }
    const writers = Array.from({ length: 16 }, write)
    await sleep(100)
    const restarted = file.server.restart(200)
    await expect.poll(() => health.check()).toEqual({ ok: false, detail: 'database.unavailable' })
    await restarted
    const before = kept.length
    await expect.poll(() => kept.length, { timeout: 10_000 }).toBeGreaterThan(before + 20)
    load.isOver = true
    await Promise.all(writers)
    expect(await health.check()).toEqual({ ok: true })
    expect([...codes].filter((code) => !/^database\.(unavailable|outcome-unknown)$/.test(code))).toEqual([])
    expect(codes).toContain('database.unavailable')
    const stored = (await sqlOn(url, 'select t.id from turns t join messages m on m.turn_id = t.id')).map(
      ({ id }) => id,
    )
    expect(kept.filter((id) => !stored.includes(id))).toEqual([])
    const connections = await sqlOn(
      url,
      `select count(*)::int n from pg_stat_activity where application_name = 'covent'`,
    )
    expect(connections[0]?.['n']).toBeLessThanOrEqual(10)
  }, 30_000)
})
