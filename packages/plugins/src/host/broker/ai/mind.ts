import type { Budgets, BudgetSettings, Embeddings, Memories, Models } from '@covent/core'

/** What an agent thinks with, as far as plugins may. */
export interface Mind {
  readonly models: Models
  readonly embeddings: Embeddings
  readonly memories: Memories
  readonly budgets: Budgets
  readonly caps: BudgetSettings
}
