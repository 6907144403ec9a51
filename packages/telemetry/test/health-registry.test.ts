import { type HealthCheck, LimitError } from '@covent/core'
import { healthRegistry } from '@covent/telemetry'
import { fakeClock } from '@covent/testing'
import { describe, expect, it } from 'vitest'

const check = (name: string, run: HealthCheck['check'], critical = true): HealthCheck => ({
  name,
  critical,
  check: run,
})
const ok = () => ({ ok: true })
const never = () => new Promise<never>(() => {})
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a health report', () => {
  it.each([
    ['ok', [check('a', ok), check('b', ok, false)]],
    ['degraded', [check('a', ok), check('b', () => ({ ok: false }), false)]],
    ['unready', [check('a', () => ({ ok: false })), check('b', ok, false)]],
    ['ok', []],
  ])('is %s', async (status, checks) => {
    const health = healthRegistry({ clock: fakeClock() })
    for (const each of checks) health.add(each)
    expect((await health.report()).status).toBe(status)
  })

  it('shows of a check that throws a code, and nothing of what it said', async () => {
    const health = healthRegistry({ clock: fakeClock() })
    health.add(check('a', () => Promise.reject(new Error('postgres://u:hunter2@db'))))
    health.add(
      check('b', () => {
        throw new LimitError('limit.exceeded', 'hunter2')
      }),
    )
    const report = await health.report()
    expect(report.checks).toMatchObject({ a: { ok: false }, b: { ok: false, detail: 'limit.exceeded' } })
    expect(JSON.stringify(report)).not.toContain('hunter2')
  })

  it('shows the failed one of two checks with one name', async () => {
    const health = healthRegistry({ clock: fakeClock() })
    for (const passes of [true, false, true]) health.add(check('a', () => ({ ok: passes })))
    expect(await health.report()).toMatchObject({ status: 'unready', checks: { a: { ok: false } } })
  })

  it('is given out again for a second, and made anew when a check comes or goes', async () => {
    const clock = fakeClock()
    const health = healthRegistry({ clock })
    let runs = 0
    health.add(check('a', () => ({ ok: ++runs > 0 })))
    await health.report()
    await clock.advance(999)
    await health.report()
    expect(runs).toBe(1)
    await clock.advance(1)
    await health.report()
    expect(runs).toBe(2)
    const gone = health.add(check('b', () => ({ ok: false })))
    expect((await health.report()).status).toBe('unready')
    gone[Symbol.dispose]()
    expect((await health.report()).status).toBe('ok')
  })

  it('runs one round for all who ask at once', async () => {
    const health = healthRegistry({ clock: fakeClock(), cacheMs: 0 })
    let runs = 0
    health.add(
      check('a', async () => {
        runs++
        await settled()
        return { ok: true }
      }),
    )
    await Promise.all(Array.from({ length: 50 }, () => health.report()))
    expect(runs).toBe(1)
  })

  it('does not wait longer than its time for a check that hangs, nor start it twice', async () => {
    const clock = fakeClock()
    const health = healthRegistry({ clock, timeoutMs: 500 })
    let runs = 0
    health.add(check('b', ok))
    health.add(
      check('a', () => {
        runs++
        return never()
      }),
    )
    for (let round = 0; round < 3; round++) {
      const report = health.report()
      await settled()
      await clock.advance(2000)
      expect(await report).toMatchObject({
        status: 'unready',
        checks: { a: { ok: false, detail: 'no answer within 500 ms' }, b: { ok: true } },
      })
    }
    expect(runs).toBe(1)
    expect(clock.sleeping).toBe(0)
  })

  it('is unready from the drain on, at once and for good, whatever was cached or is under way', async () => {
    const clock = fakeClock()
    const health = healthRegistry({ clock })
    health.add(check('a', ok))
    expect((await health.report()).status).toBe('ok')
    await clock.advance(5000)
    const underWay = health.report()
    health.drain()
    expect((await underWay).status).toBe('unready')
    health.add(check('hangs', never))
    expect(await health.report()).toMatchObject({ status: 'unready', checks: { a: { ok: true } } })
  })
})
