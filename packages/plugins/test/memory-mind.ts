import {
  type Budgets,
  type Embeddings,
  LimitError,
  type Memories,
  type Memory,
  ModelError,
  noBudgets,
} from '@covent/core'
import type { Mind } from '../src/host/broker/ai/mind.ts'

/** Budgets of tokens for one day that never ends. */
const memoryBudgets = (): Budgets => {
  const used = new Map<string, number>()
  return {
    async reserve(budgets, { tokens }) {
      for (const { name, perDay } of budgets)
        if ((used.get(name) ?? 0) + tokens > perDay)
          throw new LimitError('limit.budget-exceeded', `the budget of ${name} is used up`)
      const add = (by: number) => {
        for (const { name } of budgets) used.set(name, (used.get(name) ?? 0) + by)
      }
      add(tokens)
      return async (really) => add(really.tokens - tokens)
    },
  }
}

/** Embedders `lengths` and `others`, by whose vectors a text has a length; each text is ten tokens. */
const lengths: Embeddings = {
  defaultId: 'lengths',
  get(id = 'lengths') {
    if (id !== 'lengths' && id !== 'others') throw new ModelError('model.not-found', `There is no ${id}.`)
    const embed = async (texts: readonly string[]) => ({
      vectors: texts.map(({ length }) => new Float32Array([length, 0.5])),
      tokens: texts.length * 10,
    })
    return { id, dimensions: 2, embed }
  },
}

/** Finds the texts that hold the query. */
export const memoryMemories = (): Memories & { readonly all: readonly Memory[] } => {
  const all: Memory[] = []
  return {
    all,
    async search({ principalId, conversationId }, query, { limit }) {
      const found = all.filter(
        (one) =>
          one.principalId === principalId &&
          (conversationId === undefined || one.conversationId === conversationId) &&
          one.text.includes(query),
      )
      return found.slice(0, limit).map((one) => ({ ...one, score: 1 }))
    },
    async add(memory) {
      const added = { ...memory, id: `mem_${all.length}`, createdAt: 0 }
      all.push(added)
      return added
    },
    forget: async () => {},
  }
}

const noModels: Mind['models'] = {
  defaultId: 'none',
  get() {
    throw new ModelError('model.not-found', 'There is no model.')
  },
}

/** What a host thinks with, in memory. */
export const memoryMind = (parts: Partial<Mind> = {}): Mind => ({
  models: noModels,
  embeddings: lengths,
  memories: memoryMemories(),
  budgets: memoryBudgets(),
  caps: noBudgets,
  ...parts,
})
