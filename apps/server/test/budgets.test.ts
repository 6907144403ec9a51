import { join } from 'node:path'
import type { Budgets } from '@covent/core'
import { sqliteDatabase } from '@covent/database'
import { storedBudgets } from '@covent/rate-limit'
import { budgetsSuite } from '@covent/rate-limit/testing'
import { fakeClock, temporaryFolder } from '@covent/testing'
import { describe, it } from 'vitest'

/** Each call goes to another of these, as to replicas behind a proxy. */
const inTurn = (replicas: readonly Budgets[]): Budgets => {
  let calls = 0
  return { reserve: (budgets, cost) => replicas[calls++ % replicas.length]!.reserve(budgets, cost) }
}

budgetsSuite({ describe, it }, 'two replicas over SQLite', async () => {
  const clock = fakeClock(Date.UTC(2026, 0, 1, 12))
  const path = join(temporaryFolder(), 'covent.db')
  const databases = [sqliteDatabase({ path }), sqliteDatabase({ path })]
  for (const database of databases) await database.start()
  return {
    budgets: inTurn(databases.map(({ stores }) => storedBudgets(stores.keyValues, clock))),
    wait: (ms) => clock.advance(ms),
    close: async () => void (await Promise.all(databases.map((database) => database.stop()))),
  }
})
