import { describe, expect, it } from 'vitest'
import { pauseAfter } from '../src/embedded/engine.ts'
import { ticksOf } from '../src/embedded/schedules.ts'

const at = (text: string): number => Date.parse(text)
const nightly = ticksOf({ name: 'nightly', cron: '30 2 * * *', timeZone: 'Europe/Berlin' })

describe('schedules', () => {
  it('tick by the wall clock of their time zone, in summer and winter', () => {
    expect(nightly.after(at('2026-01-10T00:00:00Z'))).toBe(at('2026-01-10T01:30:00Z'))
    expect(nightly.after(at('2026-07-10T00:00:00Z'))).toBe(at('2026-07-10T00:30:00Z'))
    expect(nightly.before(at('2026-07-10T00:30:00.999Z'))).toBe(at('2026-07-10T00:30:00Z'))
    expect(nightly.before(at('2026-07-10T00:29:59.999Z'))).toBe(at('2026-07-09T00:30:00Z'))
  })

  it('tick once in a night in which the hour comes twice, and in one that lacks it', () => {
    const ticksIn = (from: string, to: string): number => {
      let count = 0
      for (let time = nightly.after(at(from))!; time < at(to); time = nightly.after(time)!) count++
      return count
    }
    expect(ticksIn('2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z')).toBe(1)
    expect(ticksIn('2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z')).toBe(1)
  })

  it('are refused where their words are not understood', () => {
    expect(() => ticksOf({ name: 'x', cron: 'every day' })).toThrow('schedule x')
    expect(() => ticksOf({ name: 'x', cron: '* * * * *', timeZone: 'Mars/Base' })).toThrow('schedule x')
  })
})

describe('pauses', () => {
  it('double up to the most, shortened by chance to a half at most', () => {
    const backoff = { firstMs: 100, mostMs: 1000 }
    expect([1, 2, 3, 9].map((attempt) => pauseAfter(attempt, backoff, 1))).toEqual([100, 200, 400, 1000])
    expect(pauseAfter(2, backoff, 0)).toBe(100)
  })
})
