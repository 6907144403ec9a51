export { memoryBudgets, storedBudgets } from './budgets/budgets.ts'
export { memoryRateLimits, type MemoryRateLimitsOptions } from './drivers/memory.ts'
