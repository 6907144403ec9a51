import { DatabaseError, silentLogger } from '@covent/core'
import { fakeClock } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { insist } from '../src/insist.ts'

const away = (): DatabaseError => new DatabaseError('database.unavailable', 'The database is away.')

const insisting = (write: () => Promise<string>, clock = fakeClock()) => {
  const abort = new AbortController()
  const done = insist(write, { clock, logger: silentLogger, signal: abort.signal })
  done.catch(() => undefined)
  return { abort, done }
}

describe('a write that is insisted on', () => {
  it('is tried again with growing pauses, of five seconds at most, until it succeeds', async () => {
    const tries: number[] = []
    const clock = fakeClock()
    const { done } = insisting(async () => {
      tries.push(clock.monotonic())
      if (tries.length < 10) throw away()
      return 'written'
    }, clock)
    await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(60_000)
    expect(await done).toBe('written')
    expect(tries.slice(0, 4)).toEqual([0, 50, 150, 350])
    expect(tries[9]! - tries[8]!).toBe(5000)
  })

  it('is not tried again after an error that will not pass', async () => {
    const { done } = insisting(() => Promise.reject(new DatabaseError('database.conflict', 'Changed.')))
    await expect(done).rejects.toMatchObject({ code: 'database.conflict' })
  })

  it('ends with an abort', async () => {
    const { abort, done } = insisting(() => Promise.reject(away()))
    await new Promise((resolve) => setImmediate(resolve))
    abort.abort(new Error('stop'))
    await expect(done).rejects.toThrow('stop')
  })
})
