import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeWith, programPath, temporaryFolder } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { openDatabase } from './open.ts'
import { commandLine, runProgram } from './programs/program.ts'

const rounds = 10

/** Ids that a program had acknowledged when it was killed, some time after the first. */
const killedWhileCommitting = async (path: string, round: number): Promise<readonly string[]> => {
  const { process, lines, firstLine, ended } = runProgram(commandLine('commit', path, String(round)))
  await firstLine
  await sleep(Math.random() * 60)
  process.kill('SIGKILL')
  await ended
  return lines
}

const idsIn = (db: DatabaseSync, table: string): string[] =>
  db
    .prepare(`select id from ${table} order by seq`)
    .all()
    .map(({ id }) => String(id))

describe('kill -9', () => {
  it('loses nothing that was acknowledged, doubles nothing, halves no unit', async () => {
    const path = join(temporaryFolder(), 'covent.db')
    const acknowledged: string[] = []
    for (let round = 0; round < rounds; round++)
      acknowledged.push(...(await killedWhileCommitting(path, round)))
    const db = new DatabaseSync(path)
    const [turns, messages] = [idsIn(db, 'turns'), idsIn(db, 'messages')]
    expect(db.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
    db.close()
    expect(acknowledged.length).toBeGreaterThan(rounds)
    expect(new Set(turns).size).toBe(turns.length)
    expect(messages).toEqual(turns)
    expect(acknowledged.filter((id) => !turns.includes(id))).toEqual([])
  })
})

interface DiskReport {
  readonly before: { readonly kept: readonly string[] }
  readonly full: { readonly kept: readonly string[]; readonly codes: readonly string[] }
  readonly whileFull: { readonly stored: readonly string[]; readonly health: unknown }
  readonly healthAfter: unknown
  readonly after: { readonly kept: readonly string[] }
  readonly stored: readonly string[]
}

const onSmallDisk = async (): Promise<DiskReport> => {
  const folder = temporaryFolder()
  const disk = ['--dev-bind', '/', '/', '--size', String(8 << 20), '--tmpfs', folder, '--die-with-parent']
  const program = runProgram([programPath('bubblewrap')!, ...disk, ...commandLine('fill-disk', folder)])
  await program.ended
  return JSON.parse(program.lines[0]!) as DiskReport
}

const both = (ids: readonly string[]): string[] => ids.flatMap((id) => [id, `${id}b`])

describeWith('bubblewrap', 'a full disk', () => {
  it('refuses whole groups, keeps all that was accepted, and recovers when space returns', async () => {
    const { before, full, whileFull, healthAfter, after, stored } = await onSmallDisk()
    expect([before.kept.length, full.kept.length, after.kept.length]).toEqual([20, 0, 20])
    expect(full.codes).toEqual(['database.full'])
    expect(whileFull.stored).toEqual(both(before.kept))
    expect([whileFull.health, healthAfter]).toEqual([{ ok: false, detail: 'database.full' }, { ok: true }])
    expect(stored).toEqual(both([...before.kept, ...after.kept]))
  })
})

describe('another process that writes', () => {
  it('makes a write wait for a bounded time, and nothing is half done', async () => {
    const { stores, path } = await openDatabase(undefined, 50)
    const shell = new DatabaseSync(path)
    shell.exec('begin immediate')
    const refused = stores.conversations.create({ id: 'c1', principalId: 'p1', character: 'c', createdAt: 1 })
    await expect(refused).rejects.toMatchObject({ code: 'database.unavailable' })
    shell.exec('rollback')
    shell.close()
    await stores.conversations.create({ id: 'c1', principalId: 'p1', character: 'c', createdAt: 1 })
  })
})
