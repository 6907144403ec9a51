import { type Embeddings, type Memory, type Models, noBudgets, PluginError } from '@covent/core'
import type { TestAnswer, TestMemory } from '@covent/plugin-sdk/testing'
import type { Mind } from '../host/broker/ai/mind.ts'

const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])

/** The share of the query's words that a text has. */
const likeness = (query: string, text: string): number => {
  const [wanted, found] = [wordsOf(query), wordsOf(text)]
  return wanted.size === 0 ? 0 : [...wanted].filter((word) => found.has(word)).length / wanted.size
}

const memoriesOf = (all: TestMemory[]): Mind['memories'] => {
  const asMemory = (one: TestMemory, n: number): Memory => ({ ...one, id: `memory_${n}`, createdAt: 0 })
  return {
    async search({ principalId, conversationId }, query, { limit }) {
      return all
        .map((one, n) => ({ ...asMemory(one, n), score: likeness(query, one.text) }))
        .filter((one) => one.score > 0 && one.principalId === principalId && principalId !== '')
        .filter((one) => conversationId === undefined || one.conversationId === conversationId)
        .toSorted((a, b) => b.score - a.score)
        .slice(0, limit)
    },
    async add(memory) {
      const n = all.push({ ...memory, conversationId: memory.conversationId ?? '' })
      return asMemory(all[n - 1]!, n - 1)
    },
    async forget({ principalId, conversationId }) {
      const isOther = (one: TestMemory): boolean =>
        one.principalId !== principalId ||
        (conversationId !== undefined && one.conversationId !== conversationId)
      all.splice(0, all.length, ...all.filter(isOther))
    },
  }
}

const modelId = 'fixture'

const modelsOf = (answer: TestAnswer | undefined): Models => ({
  defaultId: modelId,
  get: (id = modelId) => ({
    id,
    historyLimit: 1,
    async *generate({ messages }) {
      const textOf = (role: string): string | undefined => {
        const found = messages.find((message) => message.role === role)
        return found !== undefined && 'text' in found ? found.text : undefined
      }
      const [prompt = '', system] = [textOf('user'), textOf('system')]
      if (answer === undefined)
        throw new PluginError(
          'plugin.input-invalid',
          `no model answers "${prompt.slice(0, 100)}"; give testHost \`ai\``,
        )
      yield {
        kind: 'text',
        text: await answer({ prompt, model: id, ...(system !== undefined && { system }) }),
      }
      yield { kind: 'end', reason: 'stop', usage: { inputTokens: 0, outputTokens: 0 } }
    },
  }),
})

const letters = 26

/** A text's vector counts its letters: texts of the same letters are the same. */
const embeddings: Embeddings = {
  defaultId: modelId,
  get: (id = modelId) => ({
    id,
    dimensions: letters,
    async embed(texts) {
      const vectors = texts.map((text) => {
        const vector = new Float32Array(letters)
        for (const letter of text.toLowerCase()) {
          const n = letter.codePointAt(0)! - 97
          if (n >= 0 && n < letters) vector[n] = vector[n]! + 1
        }
        return vector
      })
      return { vectors, tokens: 0 }
    },
  }),
}

/** What an agent thinks with, in a test: memories that it holds in hand, and a model that says what the test says. */
export const fixtureMind = (memories: TestMemory[], answer: TestAnswer | undefined): Mind => ({
  models: modelsOf(answer),
  embeddings,
  memories: memoriesOf(memories),
  budgets: { reserve: async () => async () => {} },
  caps: noBudgets,
})
