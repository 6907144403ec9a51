import { fakeClock } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { breaker, type Outcome } from '../../src/host/monitor/breaker.ts'

const made = (least = 10) => {
  const clock = fakeClock()
  let changes = 0
  const one = breaker({ clock, least, changed: () => changes++ })
  /** Makes calls that end so; 'refused' where it does not let one through. */
  const call = (outcome: Outcome, times = 1): string => {
    let last = ''
    for (let n = 0; n < times; n++) {
      const entered = one.enter()
      last = typeof entered === 'function' ? (entered(outcome), outcome) : 'refused'
    }
    return last
  }
  return { clock, call, breaker: one, changes: () => changes }
}

describe('the breaker', () => {
  it('opens when half of the last ten calls failed, and not sooner', () => {
    const { call, breaker } = made()
    call('failed', 4)
    call('fine', 5)
    expect(breaker.pause()).toBeUndefined()
    call('failed')
    expect(breaker.pause()?.reason).toBe('5 of its last 10 calls failed')
    expect(call('fine')).toBe('refused')
  })

  it('opens after three calls in a row that did not end', () => {
    const { call, breaker } = made()
    call('hung', 2)
    call('fine')
    call('hung', 2)
    expect(breaker.pause()).toBeUndefined()
    call('hung')
    expect(breaker.pause()?.reason).toBe('3 calls in a row did not end in time')
  })

  it('never opens by calls that say nothing about the plugin', () => {
    const { call, breaker } = made()
    call('neutral', 100)
    expect(breaker.pause()).toBeUndefined()
  })

  it('forgets failures that are two minutes old', async () => {
    const { call, breaker, clock } = made()
    call('failed', 9)
    await clock.advance(120_000)
    call('failed', 9)
    expect(breaker.pause()).toBeUndefined()
  })

  it('tries one call after half a minute, and closes when it is fine', async () => {
    const { call, breaker, clock, changes } = made()
    call('failed', 10)
    await clock.advance(29_999)
    expect(call('fine')).toBe('refused')
    await clock.advance(1)
    const tried = breaker.enter() as (outcome: Outcome) => void
    expect(call('fine')).toBe('refused')
    tried('fine')
    expect([call('failed', 9), breaker.pause(), changes()]).toEqual(['failed', undefined, 2])
  })

  it('rests again when the try fails, and tries again at once when it says nothing', async () => {
    const { call, breaker, clock } = made()
    call('failed', 10)
    await clock.advance(30_000)
    expect([call('failed'), call('fine')]).toEqual(['failed', 'refused'])
    await clock.advance(30_000)
    expect([call('neutral'), call('fine'), breaker.pause()]).toEqual(['neutral', 'fine', undefined])
  })

  it('does not hear of calls that began before it opened', () => {
    const { call, breaker } = made()
    const late = breaker.enter() as (outcome: Outcome) => void
    call('failed', 10)
    late('fine')
    expect(call('fine')).toBe('refused')
  })
})
