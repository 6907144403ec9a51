import type { Budgets, Models } from '@covent/core'

/** What an agent thinks with, as far as plugins may. */
export interface Mind {
  readonly models: Models
  readonly budgets: Budgets
}
