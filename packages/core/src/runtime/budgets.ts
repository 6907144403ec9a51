import { type Token, token } from '../token.ts'

/** What calls of models come to. */
export interface Cost {
  readonly tokens: number
  /** In the currency in which the operator wrote prices and budgets. */
  readonly money: number
}

/** What may be used in a day of UTC. Budgets of equal name and unit count together, on every replica. */
export interface Budget {
  /** Whose, for people too: `plugin acme.weather`. */
  readonly name: string
  readonly unit: keyof Cost
  readonly perDay: number
}

/** Puts what was really used in the place of what was reserved; only the first call counts. */
export type Settle = (used: Cost) => Promise<void>

/** Counts what is used before it is used. */
export interface Budgets {
  /**
   * Takes the cost from each of the budgets, or from none: then it throws `limit.budget-exceeded`, which names the budget,
   * what is left and when the next day begins. However many reserve at once, all that is reserved together fits; so a
   * budget is overspent only by what a call comes to over its own reservation. What is never settled stays taken.
   */
  reserve(budgets: readonly Budget[], cost: Cost): Promise<Settle>
}
export const Budgets: Token<Budgets> = token('Budgets')
