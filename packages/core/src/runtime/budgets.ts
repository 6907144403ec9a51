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

/** Caps as settings write them; none where a number is absent. */
export interface BudgetCaps {
  readonly tokensPerDay?: number | undefined
  readonly moneyPerDay?: number | undefined
}

/** What the operator lets each principal, each agent (by its character) and each plugin use. */
export interface BudgetSettings {
  readonly perPrincipal: BudgetCaps
  readonly perAgent: BudgetCaps
  readonly perPlugin: BudgetCaps
}

export const noBudgets: BudgetSettings = { perPrincipal: {}, perAgent: {}, perPlugin: {} }

/** On whose account a model is asked; nobody's, where a text is empty or absent. */
export interface Spender {
  readonly principalId?: string | undefined
  readonly character?: string | undefined
  readonly plugin?: string | undefined
}

const capsOf = (name: string, { tokensPerDay, moneyPerDay }: BudgetCaps): readonly Budget[] => [
  ...(tokensPerDay === undefined ? [] : [{ name, unit: 'tokens', perDay: tokensPerDay } as const]),
  ...(moneyPerDay === undefined ? [] : [{ name, unit: 'money', perDay: moneyPerDay } as const]),
]

/** All budgets that what they spend counts against. */
export const budgetsFor = (settings: BudgetSettings, spender: Spender): readonly Budget[] => {
  const { principalId = '', character = '', plugin = '' } = spender
  return [
    ...(principalId === '' ? [] : capsOf(`principal ${principalId}`, settings.perPrincipal)),
    ...(character === '' ? [] : capsOf(`agent ${character}`, settings.perAgent)),
    ...(plugin === '' ? [] : capsOf(`plugin ${plugin}`, settings.perPlugin)),
  ]
}
