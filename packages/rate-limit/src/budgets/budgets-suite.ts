import { match, ok, rejects, strictEqual } from 'node:assert/strict'
import { AppError, type Budget, type Budgets, type Cost, type Settle } from '@covent/core'
import type { Runner } from '../testing.ts'

export interface OpenBudgets {
  readonly budgets: Budgets
  /** Lets time pass for the budgets. */
  wait(ms: number): Promise<void>
  close(): Promise<void>
}

const cost = (tokens: number, money = 0): Cost => ({ tokens, money })
const ofAnn: Budget = { name: 'principal ann', unit: 'tokens', perDay: 100 }
const ofPlugin: Budget = { name: 'plugin acme.a', unit: 'tokens', perDay: 150 }
const moneyOfAnn: Budget = { name: 'principal ann', unit: 'money', perDay: 1 }

const isExceeded = (error: unknown): boolean => AppError.is(error, 'limit.budget-exceeded')

const admitted = async (reservations: readonly Promise<Settle>[]): Promise<number> => {
  const ended = await Promise.allSettled(reservations)
  for (const one of ended) if (one.status === 'rejected') ok(isExceeded(one.reason), String(one.reason))
  return ended.filter(({ status }) => status === 'fulfilled').length
}

type Test = (title: string, body: (opened: OpenBudgets) => Promise<void>) => unknown

/** What budgets must do. The clock stands at a noon of UTC. */
export const budgetsSuite = (runner: Runner, name: string, open: () => Promise<OpenBudgets>): void => {
  const it: Test = (title, body) =>
    runner.it(title, async () => {
      const opened = await open()
      try {
        await body(opened)
      } finally {
        await opened.close()
      }
    })
  runner.describe(`budgets: ${name}`, () => {
    countingTests(it)
    settlingTests(it)
  })
}

const countingTests = (it: Test): void => {
  it('admits of fifty at once those that fit together, and no more', async ({ budgets }) => {
    const all = Array.from({ length: 50 }, () => budgets.reserve([ofAnn, ofPlugin], cost(30)))
    strictEqual(await admitted(all), 3)
    await budgets.reserve([ofAnn], cost(10))
    await rejects(budgets.reserve([ofAnn], cost(1)), isExceeded)
  })
  it('says whose budget it was, what is left, and when the next day begins', async ({ budgets }) => {
    await budgets.reserve([ofAnn], cost(90))
    const error: unknown = await budgets
      .reserve([ofPlugin, ofAnn], cost(20))
      .catch((thrown: unknown) => thrown)
    ok(AppError.is(error, 'limit.budget-exceeded'))
    match(error.message, /principal ann is 100 tokens a day, of which 10 are left.*T00:00:00/)
    strictEqual(error.data?.['left'], 10)
  })
  it('takes nothing of the others where one has too little', async ({ budgets }) => {
    await budgets.reserve([ofAnn], cost(90))
    await rejects(budgets.reserve([ofPlugin, ofAnn], cost(20)), isExceeded)
    await budgets.reserve([ofPlugin], cost(150))
  })
  it('counts money apart from tokens', async ({ budgets }) => {
    await budgets.reserve([ofAnn, moneyOfAnn], cost(10, 0.75))
    await rejects(budgets.reserve([ofAnn, moneyOfAnn], cost(10, 0.5)), isExceeded)
    await budgets.reserve([ofAnn, moneyOfAnn], cost(90, 0.25))
  })
  it('begins anew with each day of UTC', async ({ budgets, wait }) => {
    await budgets.reserve([ofAnn], cost(100))
    await wait(11 * 3_600_000)
    await rejects(budgets.reserve([ofAnn], cost(1)), isExceeded)
    await wait(3_600_000)
    await budgets.reserve([ofAnn], cost(100))
  })
}

const settlingTests = (it: Test): void => {
  it('gives back what was not used, once', async ({ budgets }) => {
    const settle = await budgets.reserve([ofAnn], cost(80))
    await settle(cost(30))
    await settle(cost(0))
    await rejects(budgets.reserve([ofAnn], cost(71)), isExceeded)
    await budgets.reserve([ofAnn], cost(70))
  })
  it('counts also what was used beyond the reservation', async ({ budgets }) => {
    const settle = await budgets.reserve([ofAnn], cost(10))
    await settle(cost(120))
    await rejects(budgets.reserve([ofAnn], cost(1)), isExceeded)
  })
  it('settles on the day on which it reserved', async ({ budgets, wait }) => {
    const settle = await budgets.reserve([ofAnn], cost(50))
    await wait(12 * 3_600_000)
    await budgets.reserve([ofAnn], cost(60))
    await settle(cost(0))
    await rejects(budgets.reserve([ofAnn], cost(50)), isExceeded)
  })
}
