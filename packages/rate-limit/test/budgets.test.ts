import { memoryBudgets } from '@covent/rate-limit'
import { budgetsSuite } from '@covent/rate-limit/testing'
import { fakeClock } from '@covent/testing'
import { describe, it } from 'vitest'

budgetsSuite({ describe, it }, 'memory', async () => {
  const clock = fakeClock(Date.UTC(2026, 0, 1, 12))
  return { budgets: memoryBudgets({ clock }), wait: (ms) => clock.advance(ms), close: async () => {} }
})
