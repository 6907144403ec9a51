import { memoryBudgets } from '@covent/rate-limit'
import { budgetsSuite } from '@covent/rate-limit/testing'
import { fakeClock } from '@covent/testing'
import { budgetsFor } from '@covent/core'
import { budgetsConfig } from '@covent/rate-limit/config'
import { describe, expect, it } from 'vitest'

budgetsSuite({ describe, it }, 'memory', async () => {
  const clock = fakeClock(Date.UTC(2026, 0, 1, 12))
  return { budgets: memoryBudgets({ clock }), wait: (ms) => clock.advance(ms), close: async () => {} }
})

it('counts for those whom the settings cap, and for nobody where nobody is named', () => {
  const settings = budgetsConfig.parse({
    perPrincipal: { tokensPerDay: 5, moneyPerDay: 2 },
    perAgent: {},
    perPlugin: { tokensPerDay: 7 },
  })
  expect(budgetsFor(settings, { principalId: 'ann', character: 'assistant', plugin: 'acme.a' })).toEqual([
    { name: 'principal ann', unit: 'tokens', perDay: 5 },
    { name: 'principal ann', unit: 'money', perDay: 2 },
    { name: 'plugin acme.a', unit: 'tokens', perDay: 7 },
  ])
  expect(budgetsFor(settings, { principalId: '', character: 'assistant' })).toEqual([])
})
