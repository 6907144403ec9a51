import {
  type Budget,
  type Budgets,
  type Model,
  ModelError,
  type ModelRequest,
  type Models,
} from '@covent/core'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { memoryMind } from './memory-mind.ts'
import { bundle, pluginSource, startHost } from './start-host.ts'

/** Models `small` and `large`, which give these answers one after the other. */
const scripted = (answers: string[]): Models & { readonly requests: ModelRequest[] } => {
  const requests: ModelRequest[] = []
  const model = (id: string): Model => ({
    id,
    historyLimit: 1,
    async *generate(request) {
      requests.push(request)
      const asked = request.messages.at(-1)!
      const prompt = 'text' in asked ? asked.text : ''
      if (prompt === 'gone') throw new ModelError('model.unavailable', 'It is gone.')
      const tokens = prompt === 'silent' ? 0 : 10
      yield { kind: 'text', text: answers.shift() ?? 'nothing' }
      yield { kind: 'end', reason: 'stop', usage: { inputTokens: tokens, outputTokens: tokens } }
    },
  })
  const get = (id = 'small'): Model => {
    if (id === 'small' || id === 'large') return model(id)
    throw new ModelError('model.not-found', `There is no model ${id}.`)
  }
  return { requests, defaultId: 'small', get }
}

const actions = {
  ask: `return ctx.ai.generate(input)`,
  count: `return ctx.ai.generateObject({ prompt: 'How many?', schema: z.object({ n: z.number() }) })`,
}
const open = async (scope: string, answers: string[] = []) => {
  const more = `permissions: { required: { 'ai:inference': { ${scope} reason: 'Ask' } } },`
  const models = scripted(answers)
  const bundled = [bundle('asker', pluginSource('acme.asker', { more, actions }))]
  const { call, refusal } = await startHost({ bundled, mind: memoryMind({ models }) })
  const ask = (input: object) => call('acme.asker', 'ask', { prompt: 'Hello?', ...input })
  const code = (input: object) => refusal('acme.asker', 'ask', { prompt: 'Hello?', ...input })
  return { models, ask, code, count: () => call('acme.asker', 'count') }
}

describeWith('bubblewrap', 'ctx.ai', () => {
  it('asks the default model, without tools', async () => {
    const { ask, models } = await open('', ['Hi.'])
    expect(await ask({ system: 'Be kind.' })).toEqual({
      text: 'Hi.',
      model: 'small',
      usage: { inputTokens: 10, outputTokens: 10 },
    })
    expect(models.requests).toMatchObject([
      {
        messages: [
          { role: 'system', text: 'Be kind.' },
          { role: 'user', text: 'Hello?' },
        ],
        tools: [],
        maxTokens: 1_024,
      },
    ])
  })

  it('asks no model but those that the permission names', async () => {
    const { ask, code } = await open(`models: ['large'],`, ['Hi.'])
    expect(await ask({})).toMatchObject({ model: 'large' })
    expect(await code({ model: 'small' })).toBe('plugin.permission-denied')
  })

  it('refuses what would be over the tokens of a day, and gives back what was not used', async () => {
    const { ask, code, models } = await open('maxTokensPerDay: 200,', ['a', 'b'])
    expect(await code({ maxTokens: 300 })).toBe('limit.budget-exceeded')
    await ask({ maxTokens: 150 })
    await ask({ maxTokens: 150 })
    expect(await code({ maxTokens: 160 })).toBe('limit.budget-exceeded')
    expect(models.requests).toHaveLength(2)
  })

  it('takes an estimate where the model does not say what it used', async () => {
    const { ask, code } = await open('maxTokensPerDay: 200,', ['x'.repeat(390), 'b'])
    await ask({ prompt: 'silent', maxTokens: 150 })
    expect(await code({ maxTokens: 10 })).toBe('limit.budget-exceeded')
  })

  it('takes nothing for a model that could not be reached', async () => {
    const { ask, code } = await open('maxTokensPerDay: 200,', ['a'])
    expect(await code({ prompt: 'gone', maxTokens: 150 })).toBe('plugin.action-failed')
    expect(await ask({ maxTokens: 150 })).toMatchObject({ text: 'a' })
  })

  it('counts against the caps of the operator for the plugin, the person and the agent', async () => {
    const caps = { perPrincipal: {}, perAgent: { tokensPerDay: 1_000 }, perPlugin: { moneyPerDay: 1 } }
    const reserved: (readonly Budget[])[] = []
    const budgets: Budgets = { reserve: async (list) => (reserved.push(list), async () => {}) }
    const more = `permissions: { required: { 'ai:inference': { maxTokensPerDay: 9, reason: 'Ask' } } },`
    const bundled = [bundle('asker', pluginSource('acme.asker', { more, actions }))]
    const { call } = await startHost({ bundled, mind: memoryMind({ models: scripted([]), budgets, caps }) })
    await call('acme.asker', 'ask', { prompt: 'Hello?' })
    expect(reserved).toEqual([
      [
        { name: 'plugin acme.asker for ai:inference', unit: 'tokens', perDay: 9 },
        { name: 'agent default', unit: 'tokens', perDay: 1_000 },
        { name: 'plugin acme.asker', unit: 'money', perDay: 1 },
      ],
    ])
  })

  it('tells a plugin of a person’s budget without saying who that is', async () => {
    const caps = { perPrincipal: { tokensPerDay: 10 }, perAgent: {}, perPlugin: {} }
    const more = `permissions: { required: { 'ai:inference': { reason: 'Ask' } } },`
    const bundled = [bundle('asker', pluginSource('acme.asker', { more, actions }))]
    const { call } = await startHost({ bundled, mind: memoryMind({ models: scripted([]), caps }) })
    await expect(call('acme.asker', 'ask', { prompt: 'Hello?' })).rejects.toMatchObject({
      code: 'limit.budget-exceeded',
      message: 'acme.asker: the budget of the person of this call is used up',
    })
  })

  it('reads an object out of the answer, and asks once more where it does not fit', async () => {
    const { count, models } = await open('', [
      '```json\n{ "n": "two" }\n```',
      'It is { "n": 2 }.',
      'no',
      'idea',
    ])
    expect(await count()).toEqual({ n: 2 })
    expect(models.requests[1]!.messages.at(-1)).toMatchObject({
      text: expect.stringMatching(/did not fit/) as string,
    })
    await expect(count()).rejects.toMatchObject({ message: expect.stringMatching(/does not fit/) as string })
    expect(models.requests).toHaveLength(4)
  })

  it('is refused without the permission', async () => {
    const source = pluginSource('acme.asker', {
      more: `permissions: { required: { 'ai:inference': { reason: 'Ask' } } },`,
      actions,
    })
    const { refusal } = await startHost({
      installed: { asker: source },
      mind: memoryMind({ models: scripted([]) }),
      plugins: { allowUnsigned: true },
    })
    expect(await refusal('acme.asker', 'ask', { prompt: 'x' })).toBe('plugin.permission-denied')
  })
})
