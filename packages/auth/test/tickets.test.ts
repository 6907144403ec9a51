import { createHash } from 'node:crypto'
import { tickets } from '@covent/auth'
import type { KeyRing } from '@covent/core'
import { fakeClock } from '@covent/testing'
import { expect, it } from 'vitest'

const ring = (...ids: readonly [string, ...string[]]): KeyRing => ({
  currentId: ids[0],
  ids,
  subKey: (purpose, id = ids[0]) => createHash('sha256').update(`${id} ${purpose}`).digest(),
})
const path = '/api/conversations/conv_1/events'

it('stands for a key once, for one path, at every server of the same master key', () => {
  const clock = fakeClock()
  const [here, there] = [tickets(ring('a'), clock), tickets(ring('b', 'a'), clock)]
  const { ticket } = here.make('cov_key', path)
  expect(ticket).toMatch(/^[\w-]+$/)
  expect(there.redeem(ticket, '/api/conversations/conv_2/events')).toBeUndefined()
  expect(there.redeem(ticket, path)).toBe('cov_key')
  expect(there.redeem(ticket, path)).toBeUndefined()
  expect(tickets(ring('c'), clock).redeem(ticket, path)).toBeUndefined()
})

it('ends after thirty seconds, and does not live longer where the clock is put back', async () => {
  const clock = fakeClock()
  const one = tickets(ring('a'), clock)
  const { ticket, expiresAt } = one.make('cov_key', path)
  expect(expiresAt - clock.now()).toBe(30_000)
  await clock.advance(30_000)
  expect(one.redeem(ticket, path)).toBeUndefined()
  const early = tickets(ring('a'), { ...clock, now: () => expiresAt - 30_001 })
  expect(early.redeem(ticket, path)).toBeUndefined()
})

it('shows nothing of the key, and is refused where a character of it was changed', () => {
  const one = tickets(ring('a'), fakeClock())
  const { ticket } = one.make('cov_key', path)
  expect(Buffer.from(ticket, 'base64url').toString('latin1')).not.toContain('cov_key')
  for (let n = 0; n < ticket.length; n++) {
    const changed = ticket.slice(0, n) + (ticket[n] === 'A' ? 'B' : 'A') + ticket.slice(n + 1)
    expect(one.redeem(changed, path)).toBeUndefined()
  }
  for (const none of ['', 'x', `${ticket}=`, `${ticket}A`]) expect(one.redeem(none, path)).toBeUndefined()
  expect(one.redeem(ticket, path)).toBe('cov_key')
})
