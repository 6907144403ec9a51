import { type Budgets, LimitError } from '@covent/core'

/** Budgets of tokens for one day that never ends. */
export const memoryBudgets = (): Budgets => {
  const used = new Map<string, number>()
  return {
    async reserve(budgets, { tokens }) {
      for (const { name, perDay } of budgets)
        if ((used.get(name) ?? 0) + tokens > perDay) throw new LimitError('limit.budget-exceeded', name)
      const add = (by: number) => {
        for (const { name } of budgets) used.set(name, (used.get(name) ?? 0) + by)
      }
      add(tokens)
      return async (really) => add(really.tokens - tokens)
    },
  }
}
