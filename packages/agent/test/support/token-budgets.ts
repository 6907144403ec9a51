import { type Budgets, LimitError } from '@covent/core'

/** Budgets of tokens that never reset, and tell what stands of each. */
export const tokenBudgets = (): Budgets & { readonly used: ReadonlyMap<string, number> } => {
  const used = new Map<string, number>()
  const add = (name: string, tokens: number) => void used.set(name, (used.get(name) ?? 0) + tokens)
  return {
    used,
    async reserve(budgets, { tokens }) {
      const over = budgets.find(({ name, perDay }) => (used.get(name) ?? 0) + tokens > perDay)
      if (over !== undefined)
        throw new LimitError('limit.budget-exceeded', `the budget of ${over.name} is used up`)
      for (const { name } of budgets) add(name, tokens)
      return async (really) => {
        for (const { name } of budgets) add(name, really.tokens - tokens)
      }
    },
  }
}
