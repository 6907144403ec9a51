import { costOf, estimatedTokens, isUnanswered, type Usage } from '@covent/core'
import type { Run } from '../run.ts'

/** What a step may say where its request does not limit it: without an end nothing could be reserved. */
const answerTokens = 4_096

/** One question to the model, paid for beforehand. */
export interface Step {
  readonly maxTokens: number | undefined
  /** Settles by what the model counted; what it said is estimated, where it did not count. */
  used(usage: Usage, text: string): Promise<void>
  failed(error: unknown): Promise<void>
}

const inputTokensOf = ({ messages, toolbox }: Run): number =>
  estimatedTokens(JSON.stringify([messages, toolbox().offered]))

/** Reserves what the next step of the turn may come to; throws `limit.budget-exceeded` where too little is left. */
export const reserveStep = async (run: Run): Promise<Step> => {
  const { model, dependencies, budgets } = run
  if (budgets.length === 0) return { maxTokens: run.maxTokens, async used() {}, async failed() {} }
  const inputTokens = inputTokensOf(run)
  const maxTokens = run.maxTokens ?? answerTokens
  const most = costOf(model, { inputTokens, outputTokens: maxTokens })
  const settle = await dependencies.budgets.reserve(budgets, most)
  return {
    maxTokens,
    async used(usage, text) {
      const isCounted = usage.inputTokens + usage.outputTokens > 0
      await settle(costOf(model, isCounted ? usage : { inputTokens, outputTokens: estimatedTokens(text) }))
    },
    async failed(error) {
      if (isUnanswered(error)) await settle({ tokens: 0, money: 0 })
    },
  }
}
