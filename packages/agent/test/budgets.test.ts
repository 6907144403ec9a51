import { type EphemeralTurn, ModelError, noBudgets } from '@covent/core'
import { expect, it } from 'vitest'
import { agentBench, all } from './support/agent-bench.ts'
import { text } from './support/scripted-model.ts'

const asking = (maxTokens?: number): EphemeralTurn => ({
  principalId: 'ada',
  messages: [{ role: 'user', text: 'hi' }],
  character: 'assistant',
  stream: false,
  ...(maxTokens !== undefined && { maxTokens }),
})
const never = new AbortController().signal
const adaMay = (tokensPerDay: number) => ({ budgets: { ...noBudgets, perPrincipal: { tokensPerDay } } })

it('asks for no more of fifty turns at once than their budget holds together', async () => {
  const bench = await agentBench()
  const gate = Promise.withResolvers<void>()
  bench.model.script = async function* () {
    await gate.promise
    yield* text('done')
  }
  const { agent } = await bench.live(adaMay(10_000))
  const refused: unknown[] = []
  const turns = Array.from({ length: 50 }, () =>
    all(agent.answer(asking(3_000), never)).catch((error: unknown) => refused.push(error)),
  )
  await expect.poll(() => refused.length + bench.model.requests.length).toBe(50)
  expect(bench.model.requests.length).toBe(3)
  expect(refused[0]).toMatchObject({ code: 'limit.budget-exceeded' })
  gate.resolve()
  await Promise.all(turns)
  expect(bench.budgets.used.get('principal ada')).toBe(6)
})

it('counts what the model counted, for the principal and the agent, and limits what a step may say', async () => {
  const bench = await agentBench()
  const caps = { tokensPerDay: 10_000 }
  const { agent } = await bench.live({ budgets: { perPrincipal: caps, perAgent: caps, perPlugin: {} } })
  await all(agent.answer(asking(), never))
  expect(Object.fromEntries(bench.budgets.used)).toEqual({ 'principal ada': 2, 'agent assistant': 2 })
  expect(bench.model.requests).toMatchObject([{ maxTokens: 4_096 }])
})

it('takes nothing for a model that cannot be reached', async () => {
  const bench = await agentBench()
  bench.model.script = () => {
    throw new ModelError('model.unavailable', 'It is gone.')
  }
  const { agent } = await bench.live(adaMay(10_000))
  await expect(all(agent.answer(asking(), never))).rejects.toThrow('It is gone.')
  expect(bench.budgets.used.get('principal ada')).toBe(0)
})

it('asks without a limit where there is no budget', async () => {
  const bench = await agentBench()
  const { agent } = await bench.live()
  await all(agent.answer(asking(), never))
  expect(bench.model.requests[0]).not.toHaveProperty('maxTokens')
})
