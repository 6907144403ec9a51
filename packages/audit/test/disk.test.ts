import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { auditPlace } from '@covent/audit'
import type { Metrics } from '@covent/core'
import { describeWith, programPath, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { entry, openLog, written } from './support/chained.ts'

/** Runs in a namespace of its own whose audit lies on a disk of 128 kB: fills it, tries both ways, makes room, tries again. */
const script = `
import { rmSync, writeFileSync } from 'node:fs'
import { auditPlace, verifyChain } from '@covent/audit'
import { testRing } from './test/support/test-ring.ts'
import { entry, openLog } from './test/support/chained.ts'
const home = process.argv[1]
const { folder } = auditPlace(home)
const counted = {}
const metrics = { count: (name) => void (counted[name] = (counted[name] ?? 0) + 1), gauge() {}, observe() {} }
const log = await openLog(home, { metrics })
await log.record(entry('before'))
const ballast = folder + '/ballast'
try { for (let n = 0; ; n++) writeFileSync(ballast, 'x'.repeat(256), { flag: 'a' }) } catch {}
const refused = []
for (let n = 0; n < 40; n++) await log.record(entry('x'.repeat(500))).catch((error) => refused.push(error.code))
log.note(entry('noted'))
const { length } = (await log.list({ from: 'start', limit: 100 })).items
const full = { refused: refused.length, codes: [...new Set(refused)], health: log.health() }
rmSync(ballast)
await log.record(entry('after'))
const { items } = await log.list({ from: 'end', limit: 2 })
const health = log.health()
await log.stop()
const { fault } = await verifyChain({ ...auditPlace(home), ring: testRing() })
console.log(JSON.stringify({ length, full, last: items.map(({ target }) => target), health, fault, counted }))
`

const source = [
  '--conditions=@covent/source',
  '--disable-warning=ExperimentalWarning',
  '--input-type=module',
  '-e',
]

describeWith('bubblewrap', 'on a disk that is full', () => {
  it('refuses what must be kept, goes on with what was noted, says so, and recovers with the space', () => {
    const home = temporaryFolder()
    mkdirSync(auditPlace(home).folder, { recursive: true })
    const disk = [
      '--dev-bind',
      '/',
      '/',
      '--size',
      '131072',
      '--tmpfs',
      auditPlace(home).folder,
      '--die-with-parent',
    ]
    const { stdout, stderr } = spawnSync(
      programPath('bubblewrap')!,
      [...disk, process.execPath, ...source, script, home],
      {
        cwd: join(import.meta.dirname, '..'),
        encoding: 'utf8',
        timeout: 20_000,
      },
    )
    expect(stderr).toBe('')
    const seen = JSON.parse(stdout)
    expect(seen.full.refused).toBeGreaterThan(20)
    expect(seen.full.codes).toEqual(['audit.unavailable'])
    expect(seen.full.health).toEqual({ ok: false, detail: expect.stringContaining('ENOSPC') })
    expect(seen.length).toBe(1 + 40 - seen.full.refused)
    expect(seen.counted.audit_write_failures).toBeGreaterThan(20)
    expect(seen.last).toEqual(['noted', 'after'])
    expect(seen.health).toEqual({ ok: true })
    expect(seen.fault).toBeUndefined()
  })
})

it('refuses what must be kept, and holds nothing up, while the disk does not answer', async () => {
  const home = await written(temporaryFolder(), 1)
  const { folder } = auditPlace(home)
  const pipe = join(folder, '000000000000002.jsonl')
  const counted: Record<string, number> = {}
  const metrics: Metrics = {
    count: (name) => void (counted[name] = (counted[name] ?? 0) + 1),
    gauge() {},
    observe() {},
  }
  const log = await openLog(home, { segmentBytes: 1, patienceMs: 200, metrics })
  // To open a pipe that nobody reads takes for ever, as a dead network disk does.
  spawnSync('mkfifo', [pipe])
  await expect(log.record(entry('2'))).rejects.toMatchObject({ code: 'audit.unavailable' })
  for (let n = 0; n < 10_100; n++) log.note(entry('noted'))
  expect(log.health()).toMatchObject({ ok: false })
  expect(counted['audit_entries_lost']).toBe(100)
  await expect(log.record(entry('2'))).rejects.toMatchObject({ code: 'audit.unavailable' })
  const reader = spawn('cat', [pipe], { stdio: 'ignore' })
  await log.stop()
  reader.kill()
})
