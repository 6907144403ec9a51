import type { RatePolicy, Verdict } from '@covent/core'
import { memoryRateLimits } from '@covent/rate-limit'
import { fakeClock } from '@covent/testing'
import { describe, expect, it } from 'vitest'

const open = (policy: RatePolicy, mostKeys?: number) => {
  const clock = fakeClock()
  const limits = memoryRateLimits({ clock, ...(mostKeys !== undefined && { mostKeys }) })
  const limiter = limits.limiter(policy)
  return { clock, consume: (key: string) => limiter.consume(key) as Verdict }
}

/** The most that any window saw, of times in ascending order. */
const mostInWindow = (times: readonly number[], windowMs: number): number =>
  Math.max(...times.map((end, n) => times.slice(0, n + 1).filter((at) => at > end - windowMs).length))

const seeded = (seed: number) => (): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed / 2_147_483_648
}

/** Asks for more than there is at moments that cluster around the ends of windows; returns when it was admitted. */
const greedily = async (policy: RatePolicy, random: () => number): Promise<readonly number[]> => {
  const { clock, consume } = open(policy)
  const admitted: number[] = []
  while (clock.monotonic() < 60_000) {
    for (let n = 0; n < 60; n++) if (consume('ann').allowed) admitted.push(clock.monotonic())
    await clock.advance(1 + Math.floor(random() ** 4 * 11_000))
  }
  return admitted
}

describe('memory rate limits: in any window', () => {
  const limit = 40
  const bounds = { gcra: 1.5, 'sliding-window': 1 } as const
  for (const algorithm of ['gcra', 'sliding-window'] as const)
    it(`${algorithm} admits at most ${bounds[algorithm]} times the limit to one that asks in bursts at the worst moments`, async () => {
      for (let seed = 1; seed <= 20; seed++) {
        const admitted = await greedily({ name: 'x', limit, windowSeconds: 10, algorithm }, seeded(seed))
        expect(mostInWindow(admitted, 10_000)).toBeLessThanOrEqual(limit * bounds[algorithm])
      }
    })

  it('the sliding window names the moment from which one more fits', async () => {
    const random = seeded(7)
    for (let round = 0; round < 50; round++) {
      const { clock, consume } = open({ name: 'x', limit: 8, windowSeconds: 10, algorithm: 'sliding-window' })
      for (let n = 0; n < 30; n++) {
        consume('ann')
        await clock.advance(Math.floor(random() * 2_000))
      }
      const verdict = consume('ann')
      if (verdict.allowed) continue
      await clock.advance(verdict.retryAfterMs)
      expect(consume('ann').allowed).toBe(true)
    }
  })
})

describe('memory rate limits: under a flood of keys', () => {
  const policy: RatePolicy = { name: 'x', limit: 2, windowSeconds: 60, burst: 1 }

  it('frees nobody of a limit, and holds no more keys than it may', () => {
    const { consume } = open(policy, 1_000)
    consume('victim')
    for (let n = 0; n < 50_000; n++) consume(`flood${n}`)
    expect(consume('victim').allowed).toBe(false)
  })

  it('limits those who come while it is full', () => {
    const { consume } = open(policy, 10)
    for (let n = 0; n < 10; n++) consume(`old${n}`)
    expect(consume('late').allowed).toBe(true)
    expect(consume('late').allowed).toBe(false)
  })

  it('takes keys again once others count no more', async () => {
    const { clock, consume } = open(policy, 10)
    for (let n = 0; n < 10; n++) consume(`old${n}`)
    await clock.advance(60_000)
    const verdicts = Array.from({ length: 10 }, (_, n) => consume(`new${n}`))
    expect(verdicts.every(({ allowed }) => allowed)).toBe(true)
    expect(consume('new0').allowed).toBe(false)
  })
})
