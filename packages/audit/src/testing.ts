import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { AuditEntry, AuditLog, AuditRecord } from '@covent/core'

/** The two functions of a test runner that the suite needs; Vitest and `node:test` fit. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

export interface OpenAudit {
  readonly audit: AuditLog
  close(): Promise<void>
}

type Test = (title: string, body: (audit: AuditLog) => Promise<void>) => void

const entry = (fields: Partial<AuditEntry> = {}): AuditEntry => ({
  actor: { kind: 'principal', id: 'anna' },
  action: 'plugin.install',
  target: 'acme.clock',
  outcome: 'allowed',
  ...fields,
})
const fetched = (target: string): AuditEntry =>
  entry({ actor: { kind: 'plugin', id: 'acme.clock' }, action: 'http.fetch', target })
const all = async (audit: AuditLog): Promise<readonly AuditRecord[]> =>
  (await audit.list({ limit: 1_000, from: 'start' })).items
const targets = (records: readonly AuditRecord[]): readonly unknown[] => records.map(({ target }) => target)

const keepingTests = (it: Test): void => {
  it('keeps an entry as it was given, with its time and number', async (audit) => {
    const given = entry({
      outcome: 'denied',
      code: 'plugin.permission-denied',
      data: { n: 1, yes: true, a: 'b' },
    })
    await audit.record(given)
    const [{ seq, at, ...rest }] = (await all(audit)) as readonly [AuditRecord]
    deepStrictEqual(rest, given)
    strictEqual(seq, 1)
    ok(Math.abs(Date.now() - at) < 60_000)
  })
  it('keeps recorded and noted entries in the order in which it took them', async (audit) => {
    audit.note(fetched('1'))
    await audit.record(entry({ target: '2' }))
    audit.note(fetched('3'))
    const records = await all(audit)
    deepStrictEqual(targets(records), ['1', '2', '3'])
    deepStrictEqual(
      records.map(({ seq }) => seq),
      [1, 2, 3],
    )
  })
  it('cuts what is longer than the contract says', async (audit) => {
    const long = 'x'.repeat(100_000)
    const data = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`k${n}`, long]))
    await audit.record(entry({ target: long, data }))
    const [record] = await all(audit)
    strictEqual(record?.target?.length, 500)
    strictEqual(Object.keys(record.data ?? {}).length, 16)
    ok(JSON.stringify(record).length < 10_000)
  })
  it('does not let a caller change what it keeps', async (audit) => {
    const data = { n: 1 }
    await audit.record(entry({ data }))
    data.n = 2
    deepStrictEqual((await all(audit))[0]?.data, { n: 1 })
  })
}

const listingTests = (it: Test): void => {
  const noteFive = (audit: AuditLog): void => {
    for (const n of [1, 2, 3, 4, 5]) audit.note(fetched(String(n)))
  }
  it('gives pages from the oldest on, each after the cursor of the one before', async (audit) => {
    noteFive(audit)
    const first = await audit.list({ limit: 2, from: 'start' })
    const second = await audit.list({ limit: 2, from: 'start', cursor: first.nextCursor })
    const third = await audit.list({ limit: 2, from: 'start', cursor: second.nextCursor })
    deepStrictEqual(
      [first, second, third].map(({ items }) => targets(items)),
      [['1', '2'], ['3', '4'], ['5']],
    )
    strictEqual(third.nextCursor, undefined)
  })
  it('gives the newest ones, oldest first, and from there what comes later', async (audit) => {
    noteFive(audit)
    const { items } = await audit.list({ limit: 2, from: 'end' })
    deepStrictEqual(targets(items), ['4', '5'])
    audit.note(fetched('6'))
    const later = await audit.list({ limit: 9, from: 'end', cursor: String(items.at(-1)!.seq) })
    deepStrictEqual(targets(later.items), ['6'])
  })
  it('finds what one actor did, and what ended in a certain way', async (audit) => {
    noteFive(audit)
    await audit.record(entry({ target: 'anna’s', outcome: 'denied' }))
    const by = async (query: object) =>
      targets((await audit.list({ limit: 9, from: 'start', ...query })).items)
    deepStrictEqual(await by({ actor: 'anna' }), ['anna’s'])
    deepStrictEqual(await by({ outcome: 'denied' }), ['anna’s'])
    deepStrictEqual(await by({ actor: 'acme.clock', outcome: 'denied' }), [])
  })
  it('keeps what administrators did, however many calls plugins make', async (audit) => {
    await audit.record(entry())
    for (let n = 0; n < 30_000; n++) audit.note(fetched(String(n)))
    deepStrictEqual(targets((await audit.list({ limit: 9, from: 'start', actor: 'anna' })).items), [
      'acme.clock',
    ])
  })
}

/** What every audit log must do. Pass your runner, a name, and a way to open an empty log for each test. */
export const auditLogSuite = (runner: Runner, name: string, open: () => Promise<OpenAudit>): void => {
  const it: Test = (title, body) =>
    void runner.it(title, async () => {
      const { audit, close } = await open()
      try {
        await body(audit)
      } finally {
        await close()
      }
    })
  runner.describe(`audit log: ${name}`, () => {
    keepingTests(it)
    listingTests(it)
  })
}
