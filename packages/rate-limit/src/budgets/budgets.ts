import {
  type Budget,
  type Budgets,
  type Clock,
  type Cost,
  type KeyValueStore,
  LimitError,
  systemClock,
} from '@covent/core'
import { type DayCounters, memoryCounters, storedCounters } from './day-counters.ts'

const dayMs = 86_400_000

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

const keyOf = ({ name, unit }: Budget): string => `${name} ${unit}`

const exceeded = (budget: Budget, left: number, nowMs: number): LimitError => {
  const { name, unit, perDay } = budget
  const resetsAt = (Math.floor(nowMs / dayMs) + 1) * dayMs
  const until = new Date(resetsAt).toISOString()
  return new LimitError(
    'limit.budget-exceeded',
    `the budget of ${name} is ${perDay} ${unit} a day, of which ${left} are left: ask for less, or wait until ${until}`,
    { data: { budget: name, unit, perDay, left, resetsAt } },
  )
}

const budgetsOver = (counters: DayCounters, clock: Clock): Budgets => {
  const giveBack = async (day: string, taken: readonly Budget[], cost: Cost): Promise<void> => {
    for (const budget of taken) await counters.add(day, { key: keyOf(budget), amount: -cost[budget.unit] })
  }
  const take = async (day: string, budgets: readonly Budget[], cost: Cost): Promise<void> => {
    const taken: Budget[] = []
    try {
      for (const budget of budgets) {
        const { perDay: cap, unit } = budget
        const answer = await counters.add(day, { key: keyOf(budget), amount: cost[unit], cap })
        if (!answer.isAdded) throw exceeded(budget, Math.max(0, cap - answer.before), clock.now())
        taken.push(budget)
      }
    } catch (error) {
      await giveBack(day, taken, cost)
      throw error
    }
  }
  return {
    async reserve(budgets, cost) {
      const day = dayOf(clock.now())
      await take(day, budgets, cost)
      let isSettled = false
      return async (used) => {
        if (isSettled) return
        isSettled = true
        await giveBack(day, budgets, { tokens: cost.tokens - used.tokens, money: cost.money - used.money })
      }
    },
  }
}

/** Budgets that this process counts alone, until it ends. */
export const memoryBudgets = ({ clock = systemClock }: { readonly clock?: Clock } = {}): Budgets =>
  budgetsOver(memoryCounters(), clock)

/** Budgets that all processes over one store count together, and that a restart does not forget. */
export const storedBudgets = (store: KeyValueStore, clock: Clock = systemClock): Budgets =>
  budgetsOver(storedCounters(store, clock), clock)
