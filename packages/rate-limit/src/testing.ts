export { budgetsSuite, type OpenBudgets } from './budgets/budgets-suite.ts'
import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import type { RateLimiter, RateLimits, RatePolicy, Verdict } from '@covent/core'

/** The two functions of a test runner that the suite needs; Vitest and `node:test` fit. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

export interface OpenLimits {
  readonly limits: RateLimits
  /** Lets time pass for the limits. */
  wait(ms: number): Promise<void>
  close(): Promise<void>
}

type Test = (title: string, body: (opened: OpenLimits) => Promise<void>) => unknown

/** What rate limits must do. Pass your runner, a name, and a way to open limits in which nothing is counted yet. */
export const rateLimitsSuite = (runner: Runner, name: string, open: () => Promise<OpenLimits>): void => {
  const it: Test = (title, body) =>
    runner.it(title, async () => {
      const opened = await open()
      try {
        await body(opened)
      } finally {
        await opened.close()
      }
    })
  runner.describe(`rate limits: ${name}`, () => {
    countingTests(it)
    timeTests(it)
    for (const algorithm of ['gcra', 'sliding-window'] as const) limitTests(it, algorithm)
  })
}

const chat: RatePolicy = { name: 'chat', limit: 10, windowSeconds: 2, burst: 5 }
const windowed: RatePolicy = { name: 'windowed', limit: 5, windowSeconds: 2, algorithm: 'sliding-window' }
const policies = { gcra: chat, 'sliding-window': windowed }

const times = async (count: number, limiter: RateLimiter, key = 'ann'): Promise<readonly Verdict[]> => {
  const verdicts: Verdict[] = []
  for (let n = 0; n < count; n++) verdicts.push(await limiter.consume(key))
  return verdicts
}
const admitted = (verdicts: readonly Verdict[]): number => verdicts.filter(({ allowed }) => allowed).length

const countingTests = (it: Test): void => {
  it('counts equal policies together and others apart', async ({ limits }) => {
    strictEqual(admitted(await times(5, limits.limiter(chat))), 5)
    strictEqual(admitted(await times(1, limits.limiter({ ...chat }))), 0)
    strictEqual(admitted(await times(1, limits.limiter({ ...chat, name: 'other' }))), 1)
  })
  it('admits half of the limit at once where no burst is set', async ({ limits }) => {
    const { burst: _, ...policy } = chat
    strictEqual(admitted(await times(8, limits.limiter(policy))), 5)
  })
  it('refuses a cost that could never be admitted', async ({ limits }) => {
    const limiter = limits.limiter(chat)
    for (const cost of [6, 0, -1, Number.NaN])
      await rejects(async () => limiter.consume('ann', cost), RangeError)
  })
}

const limitTests = (it: Test, algorithm: 'gcra' | 'sliding-window'): void => {
  const policy = policies[algorithm]
  it(`${algorithm}: admits up to the limit and says how much is left`, async ({ limits }) => {
    const verdicts = await times(6, limits.limiter(policy))
    deepStrictEqual(
      verdicts.map(({ allowed }) => allowed),
      [true, true, true, true, true, false],
    )
    deepStrictEqual(
      verdicts.slice(0, 5).map(({ remaining }) => remaining),
      [4, 3, 2, 1, 0],
    )
  })
  it(`${algorithm}: keeps keys apart`, async ({ limits }) => {
    const limiter = limits.limiter(policy)
    await times(6, limiter)
    strictEqual((await limiter.consume('bob')).allowed, true)
  })
  it(`${algorithm}: takes a cost for as many`, async ({ limits }) => {
    const limiter = limits.limiter(policy)
    strictEqual((await limiter.consume('ann', 4)).remaining, 1)
    strictEqual((await limiter.consume('ann', 2)).allowed, false)
    strictEqual((await limiter.consume('ann', 1)).allowed, true)
  })
  it(`${algorithm}: admits no more when many ask at once`, async ({ limits }) => {
    const limiter = limits.limiter(policy)
    const verdicts = await Promise.all(Array.from({ length: 40 }, async () => limiter.consume('ann')))
    strictEqual(admitted(verdicts), 5)
  })
  it(`${algorithm}: does not count what it refused`, async ({ limits, wait }) => {
    const limiter = limits.limiter(policy)
    await times(5, limiter)
    const refused = (await times(30, limiter)).at(-1)!
    await wait(refused.retryAfterMs + 20)
    strictEqual((await limiter.consume('ann')).allowed, true)
  })
}

const timeTests = (it: Test): void => {
  it('admits after the time that it named, and not before', async ({ limits, wait }) => {
    const limiter = limits.limiter(chat)
    const { retryAfterMs } = (await times(6, limiter)).at(-1)!
    ok(retryAfterMs > 0 && retryAfterMs <= 200, `retry after ${retryAfterMs} ms`)
    if (retryAfterMs > 100) {
      await wait(retryAfterMs - 100)
      strictEqual((await limiter.consume('ann')).allowed, false)
    }
    await wait(120)
    strictEqual((await limiter.consume('ann')).allowed, true)
  })
  it('forgets a key after the time that it named', async ({ limits, wait }) => {
    const limiter = limits.limiter(chat)
    const { resetMs } = (await times(5, limiter)).at(-1)!
    ok(resetMs > 500 && resetMs <= 1_000, `reset after ${resetMs} ms`)
    await wait(resetMs + 20)
    strictEqual((await limiter.consume('ann')).remaining, 4)
  })
}
