import { cpSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditPlace, parseHead } from '@covent/audit'
import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { readState } from '../src/chain/chain-state.ts'
import { parseLine, seal } from '../src/chain/link.ts'
import { attack, entry, firstFile, openLog, verify, written } from './support/chained.ts'
import { testRing } from './support/test-ring.ts'

const rewrite = (line: string, from: string, to: string): string => {
  expect(line).toContain(from)
  return line.replace(from, to)
}

it('finds an audit that nobody touched intact', async () => {
  const home = await written(temporaryFolder())
  const verdict = await verify(home)
  expect(verdict).toEqual({
    records: 6,
    head: { seq: 6, hash: expect.any(String) },
    isKeyed: true,
    isTorn: false,
  })
})

it.each<[string, (lines: string[]) => readonly string[], string]>([
  ['a text is altered', (l) => l.with(2, rewrite(l[2]!, '"target":"3"', '"target":"9"')), 'altered 3'],
  ['a time is altered', (l) => l.with(0, l[0]!.replace(/"at":\d/, '"at":9')), 'altered 1'],
  ['a number is altered', (l) => l.with(2, rewrite(l[2]!, '"seq":3', '"seq":5')), 'altered 3'],
  ['a sum is altered', (l) => l.with(5, l[5]!.replace(/"mac":"./, '"mac":"-')), 'altered 6'],
  ['a line is broken', (l) => l.with(3, '{'), 'altered 4'],
  ['a record is deleted', (l) => l.toSpliced(2, 1), 'deleted 3'],
  ['the first is deleted', (l) => l.slice(1), 'deleted 1'],
  ['two are deleted', (l) => l.toSpliced(1, 2), 'deleted 2'],
  ['two change places', (l) => l.with(1, l[2]!).with(2, l[1]!), 'reordered 2'],
  ['the first goes last', (l) => [...l.slice(1), l[0]!], 'reordered 1'],
  ['one is repeated', (l) => l.toSpliced(3, 0, l[1]!), 'reordered 2'],
  ['the last is cut off', (l) => l.slice(0, -1), 'truncated 6'],
  ['all are cut off', () => [], 'truncated 1'],
  ['one is added behind', (l) => [...l, rewrite(l[5]!, '"seq":6', '"seq":7')], 'altered 7'],
  ['the last is written twice', (l) => [...l, l[5]!], 'reordered 6'],
])('recognises that %s', async (_what, change, verdict) => {
  const home = await written(temporaryFolder())
  attack(home, change)
  const { fault } = await verify(home)
  expect(`${fault?.kind} ${fault?.seq}`).toBe(verdict)
})

it('recognises files that are gone, whichever they are', async () => {
  const many = { segmentBytes: 1 }
  for (const [name, verdict] of [
    ['1', 'deleted 1'],
    ['3', 'deleted 3'],
    ['6', 'truncated 6'],
  ] as const) {
    const home = await written(temporaryFolder(), 6, many)
    rmSync(join(auditPlace(home).folder, `${name.padStart(15, '0')}.jsonl`))
    const { fault } = await verify(home)
    expect(`${fault?.kind} ${fault?.seq}`).toBe(verdict)
  }
})

it('recognises an older copy of the whole folder, and refuses to go on with it', async () => {
  const home = await written(temporaryFolder(), 3)
  const { folder } = auditPlace(home)
  cpSync(folder, `${folder}.old`, { recursive: true })
  await written(home, 3)
  rmSync(folder, { recursive: true })
  renameSync(`${folder}.old`, folder)
  expect((await verify(home)).fault).toEqual({ kind: 'truncated', seq: 4 })
  await expect(openLog(home)).rejects.toMatchObject({ code: 'audit.broken' })
})

it('recognises by a head kept elsewhere that all was written anew', async () => {
  const home = await written(temporaryFolder())
  const expected = parseHead(readFileSync(auditPlace(home).anchorPath, 'utf8'))!
  expect((await verify(home, { expected })).fault).toBeUndefined()
  rmSync(home, { recursive: true })
  await written(home)
  expect((await verify(home)).fault).toBeUndefined()
  expect((await verify(home, { expected })).fault).toEqual({ kind: 'altered', seq: 6 })
  expect((await verify(home, { expected: { ...expected, seq: 9 } })).fault).toEqual({
    kind: 'truncated',
    seq: 7,
  })
})

it('recognises what was forged with the master key and the newest key, while the first is kept elsewhere', async () => {
  const home = await written(temporaryFolder())
  const { folder } = auditPlace(home)
  const start = readFileSync(join(folder, 'chain.start'))
  rmSync(join(folder, 'chain.start'))
  const { key } = (await readState(folder, testRing()))!.link
  attack(home, (lines) => {
    let link = { seq: 1, hash: parseLine(lines[0]!)!.hash, key }
    const forged = lines.slice(1).map((line) => {
      const made = seal(
        link,
        `{${parseLine(line)!.body.replace(/^\{"seq":\d+,/, '')}}`.replace('anna', 'eve'),
      )
      link = { ...made.link, key }
      return made.line.trimEnd()
    })
    return [lines[0]!, ...forged]
  })
  expect((await verify(home)).fault).toBeUndefined()
  writeFileSync(join(folder, 'chain.start'), start)
  expect((await verify(home)).fault).toEqual({ kind: 'altered', seq: 2 })
})

it('still compares the plain sums where the first key is kept elsewhere', async () => {
  const home = await written(temporaryFolder())
  rmSync(join(auditPlace(home).folder, 'chain.start'))
  expect(await verify(home)).toMatchObject({ records: 6, isKeyed: false })
  attack(home, (lines) => lines.with(2, rewrite(lines[2]!, '"target":"3"', '"target":"9"')))
  expect((await verify(home)).fault).toEqual({ kind: 'altered', seq: 3 })
  const again = await openLog(home)
  await again.record(entry('7'))
  await again.stop()
})

it('says that it cannot judge, and does not go on, without the state or under another master key', async () => {
  const home = await written(temporaryFolder())
  const other = { ring: testRing('another master key') }
  await expect(verify(home, other)).rejects.toMatchObject({ code: 'audit.broken' })
  await expect(openLog(home, other)).rejects.toMatchObject({ code: 'audit.broken' })
  rmSync(join(auditPlace(home).folder, 'chain.state'))
  await expect(verify(home)).rejects.toMatchObject({ code: 'audit.broken' })
  await expect(openLog(home)).rejects.toMatchObject({ code: 'audit.broken' })
})

it('takes an unfinished record behind the last one for what a crash left, and goes on after it', async () => {
  const home = await written(temporaryFolder())
  const line = readFileSync(firstFile(home), 'utf8').split('\n')[5]!
  writeFileSync(firstFile(home), rewrite(line, '"seq":6', '"seq":7').slice(0, 60), { flag: 'a' })
  expect(await verify(home)).toMatchObject({ records: 6, isTorn: true })
  expect((await verify(home)).fault).toBeUndefined()
  await written(home, 2)
  expect(await verify(home)).toMatchObject({ records: 8, isTorn: false })
  expect((await verify(home)).fault).toBeUndefined()
})

it('does not take a torn record that was kept already for what a crash left', async () => {
  const home = await written(temporaryFolder())
  truncateSync(firstFile(home), readFileSync(firstFile(home)).length - 20)
  expect((await verify(home)).fault).toEqual({ kind: 'altered', seq: 6 })
  await written(home, 1)
  expect((await verify(home)).fault).toEqual({ kind: 'altered', seq: 6 })
})
