import { type Logger, silentLogger } from '@covent/core'
import { fakeClock } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { alerts } from '../../src/host/monitor/alerts.ts'
import { callTally } from '../../src/host/monitor/call-tally.ts'
import { logRing } from '../../src/host/monitor/log-ring.ts'
import { recentCalls } from '../../src/host/monitor/recent-calls.ts'

describe('the tally of calls', () => {
  it('tells percentiles no shorter and at most a tenth longer than they were', () => {
    const tally = callTally()
    for (let ms = 1; ms <= 10_000; ms++) tally.add(ms)
    for (const [q, exact] of [
      ['p50Ms', 5_000],
      ['p95Ms', 9_500],
      ['p99Ms', 9_900],
    ] as const) {
      expect(tally.stats()[q]).toBeGreaterThanOrEqual(exact)
      expect(tally.stats()[q]).toBeLessThanOrEqual(exact * 1.1)
    }
  })

  it('holds for the shortest and the longest calls too', () => {
    const tally = callTally()
    expect(tally.stats()).toMatchObject({ calls: 0, p50Ms: 0, p99Ms: 0 })
    tally.add(0)
    expect(tally.stats().p99Ms).toBe(0)
    tally.add(3_600_000)
    expect(tally.stats().p99Ms).toBe(3_600_000)
  })

  it('counts errors by code, of which it keeps a few', () => {
    const tally = callTally()
    for (let n = 0; n < 100; n++) tally.add(1, `code-${n}`)
    tally.add(1, 'code-0')
    const { errors, errorsByCode } = tally.stats()
    expect([errors, Object.keys(errorsByCode).length]).toEqual([101, 33])
    expect(errorsByCode).toMatchObject({ 'code-0': 2, other: 68 })
  })
})

describe('recent calls', () => {
  it('are those of the last half minute to minute', async () => {
    const clock = fakeClock()
    const recent = recentCalls(clock)
    recent.add(10, true)
    recent.deny()
    await clock.advance(59_000)
    recent.add(1, false)
    expect(recent.read()).toMatchObject({ calls: 2, faults: 1, denied: 1 })
    await clock.advance(30_000)
    expect(recent.read()).toMatchObject({ calls: 1, faults: 0, denied: 0, p99Ms: 1 })
    await clock.advance(60_000)
    expect(recent.read()).toEqual({ calls: 0, faults: 0, denied: 0, p99Ms: 0 })
  })
})

describe('an alert', () => {
  it('is told once for as long as it lasts, and once when it is over', () => {
    const told: string[] = []
    const emit = (name: string, { value }: { value: number }) => told.push(`${name} ${value}`)
    const events = { emit } as never
    const alarm = alerts({ events, clock: fakeClock(), logger: silentLogger, plugin: () => 'acme.x' })
    for (const value of [9, 10, 12, 9.5, 10, 8, 7, 10])
      alarm.judge({ alert: 'denials', value, threshold: 10 })
    expect(told).toEqual(['plugin.alert 10', 'plugin.alert-cleared 8', 'plugin.alert 10'])
    expect(alarm.raised()).toMatchObject([{ alert: 'denials', value: 10 }])
  })
})

describe('the lines of a plugin', () => {
  const made = () => {
    const clock = fakeClock()
    const ring = logRing(clock)
    return { ring, logger: ring.logger(silentLogger) }
  }

  it('are written on to the log, and kept with the fields of its children', () => {
    const written: unknown[] = []
    const target = { ...silentLogger, warn: (...line: unknown[]) => written.push(line) } as unknown as Logger
    const ring = logRing(fakeClock())
    ring
      .logger({ ...target, child: () => target })
      .child({ plugin: 'x' })
      .warn('careful', { n: 1 })
    expect(written).toEqual([['careful', { n: 1 }]])
    expect(ring.after(0)).toMatchObject([
      { n: 1, level: 'warn', message: 'careful', fields: { plugin: 'x', n: 1 } },
    ])
  })

  it('stay within their budget, however many and long they are', () => {
    const { ring, logger } = made()
    for (let n = 0; n < 2_000; n++) logger.info('short')
    expect(ring.after(0).map(({ n }) => n)).toEqual(Array.from({ length: 500 }, (_, n) => n + 1_501))
    for (let n = 0; n < 500; n++) logger.info('x'.repeat(10_000), { words: 'y'.repeat(3_000) })
    expect(JSON.stringify(ring.after(0)).length).toBeLessThan(300_000)
    logger.info('loop', { words: 'y'.repeat(10_000) })
    expect(ring.after(0).at(-1)?.fields).toEqual({ fieldsDropped: true })
  })

  it('keep what is no JSON as words', () => {
    const { ring, logger } = made()
    logger.error('broken', { error: new Error('why'), n: 1n })
    const loop: Record<string, unknown> = {}
    logger.error('loop', (loop['loop'] = loop))
    expect(ring.after(0).map(({ fields }) => fields)).toEqual([
      { error: 'why', n: '1' },
      { fieldsDropped: true },
    ])
  })

  it('are followed from where a reader was, until it leaves', async () => {
    const { ring, logger } = made()
    for (const word of ['a', 'b']) logger.info(word)
    const gone = new AbortController()
    const seen: string[] = []
    const reading = (async () => {
      for await (const { message } of ring.follow(1, gone.signal)) seen.push(message)
    })()
    await new Promise((resolve) => setImmediate(resolve))
    for (const word of ['c', 'd']) logger.info(word)
    await new Promise((resolve) => setImmediate(resolve))
    gone.abort()
    await reading
    expect(seen).toEqual(['b', 'c', 'd'])
  })
})
