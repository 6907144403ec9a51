import { describe, expect, it } from 'vitest'
import { isId, newId, systemClock, token } from '../src/index.ts'

describe('ids', () => {
  it('sort by the time of their making', () => {
    const times = [0, 1, 31, 32, 1_700_000_000_000, 1_700_000_000_001, 2 ** 47]
    const ids = times.map((ms) => newId('msg', ms))
    expect(ids.toSorted()).toEqual(ids)
  })

  it('do not repeat, nor share their random part, within one millisecond', () => {
    const ids = Array.from({ length: 10_000 }, () => newId('turn', 5))
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(ids.map((id) => id.slice(-4))).size).toBeGreaterThan(9_000)
  })

  it('are told from what only looks like one', () => {
    const id = newId('conv', Date.now())
    expect(isId('conv', id)).toBe(true)
    for (const wrong of [
      '',
      'conv_',
      id.slice(0, -1),
      `${id}0`,
      id.replace('conv', 'msg_'),
      id.toUpperCase(),
      `conv_${'u'.repeat(26)}`,
    ]) {
      expect(isId('conv', wrong)).toBe(false)
    }
  })
})

describe('the system clock', () => {
  it('wakes a sleeper early when it is aborted, with the reason', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const slept = systemClock.sleep(60_000, controller.signal)
    controller.abort(reason)
    await expect(slept).rejects.toBe(reason)
    await expect(systemClock.sleep(1, controller.signal)).rejects.toBe(reason)
  })

  it('goes on', async () => {
    const before = systemClock.monotonic()
    await systemClock.sleep(2)
    expect(systemClock.monotonic()).toBeGreaterThan(before)
  })
})

describe('a token', () => {
  it('is the same for the same name in two copies of core', () => {
    expect(token('X')).toBe(token('X'))
    expect(token('X')).not.toBe(token('Y'))
  })
})
