import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { auditPlace, chainedFileAuditLog } from '@covent/audit'
import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { entry, openLog, verify, written } from './support/chained.ts'
import { testRing } from './support/test-ring.ts'

const targets = async (log: Awaited<ReturnType<typeof openLog>>, query: object = {}) =>
  (await log.list({ from: 'start', limit: 1_000, ...query })).items.map(({ target }) => target)

it('goes on where it ended, in files that only their owner can read', async () => {
  const home = await written(await written(temporaryFolder(), 2), 1)
  const log = await openLog(home)
  expect(await targets(log)).toEqual(['1', '2', '1'])
  expect((await log.list({ from: 'end', limit: 1 })).items[0]!.seq).toBe(3)
  await log.stop()
  const { folder } = auditPlace(home)
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

it('keeps what was noted when it stops, also what was noted before it started', async () => {
  const home = temporaryFolder()
  const log = chainedFileAuditLog({ home, ring: testRing() })
  log.note(entry('early'))
  await log.start()
  log.note(entry('late'))
  await log.stop()
  const again = await openLog(home)
  expect(await targets(again)).toEqual(['early', 'late'])
  await again.stop()
})

it('reads pages across its files, forwards and from the end', async () => {
  const home = await written(temporaryFolder(), 7, { segmentBytes: 600 })
  const log = await openLog(home)
  expect(readdirSync(auditPlace(home).folder).length).toBeGreaterThan(4)
  expect(await targets(log)).toEqual(['1', '2', '3', '4', '5', '6', '7'])
  expect(await targets(log, { cursor: '3', limit: 2 })).toEqual(['4', '5'])
  expect(await targets(log, { from: 'end', limit: 5 })).toEqual(['3', '4', '5', '6', '7'])
  await log.stop()
})

it('drops its oldest files when all are larger than they may be, and is intact without them', async () => {
  const home = await written(temporaryFolder(), 30, { segmentBytes: 500, maxBytes: 3_000 })
  const log = await openLog(home)
  const { items } = await log.list({ from: 'start', limit: 100 })
  await log.stop()
  expect(items.length).toBeLessThan(25)
  expect(items.at(-1)!.seq).toBe(30)
  const verdict = await verify(home)
  expect(verdict.fault).toBeUndefined()
  expect(verdict).toMatchObject({ records: items.length, isKeyed: true })
})

const writer = `
import { chainedFileAuditLog } from '@covent/audit'
import { testRing } from '${join(import.meta.dirname, 'support', 'test-ring.ts')}'
const log = chainedFileAuditLog({ home: process.argv[1], ring: testRing(), segmentBytes: 20_000 })
await log.start()
for (let n = 1; ; n++) {
  log.note({ actor: { kind: 'plugin', id: 'p' }, action: 'http.fetch', target: 'n' + n, outcome: 'allowed' })
  await log.record({ actor: { kind: 'principal', id: 'anna' }, action: 'a.b', target: String(n), outcome: 'allowed' })
  process.stdout.write(n + '\\n')
}`

it('holds every record that it said to have kept, and is intact, however often its process is killed', async () => {
  const home = temporaryFolder()
  let kept = 0
  for (let round = 0; round < 4; round++) {
    const child = spawn(
      process.execPath,
      [
        '--conditions=@covent/source',
        '--disable-warning=ExperimentalWarning',
        '--input-type=module',
        '-e',
        writer,
        home,
      ],
      { cwd: join(import.meta.dirname, '..'), stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.split('\n').length > 20 + round * 7) child.kill('SIGKILL')
    })
    await once(child, 'close')
    kept += Math.max(...said.split('\n').map(Number))
    expect((await verify(home)).fault).toBeUndefined()
  }
  const log = await openLog(home)
  let count = 0
  for (let cursor: string | undefined = '0'; cursor !== undefined;) {
    const page = await log.list({ from: 'start', limit: 500, actor: 'anna', cursor })
    count += page.items.length
    cursor = page.nextCursor
  }
  await log.stop()
  expect(kept).toBeGreaterThan(70)
  // One more may have been kept in each round, and killed before it was said.
  expect(count).toBeGreaterThanOrEqual(kept)
  expect(count).toBeLessThanOrEqual(kept + 4)
})
