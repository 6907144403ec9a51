import { type Model, ModelError, type ModelRequest, type Models } from '@covent/core'
import { describeWith, fakeClock } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { tokenBudget } from '../src/host/broker/ai/token-budget.ts'
import { memoryKeyValues } from '../src/testing/memory-key-values.ts'
import { bundle, pluginSource, startHost } from './start-host.ts'

/** Models `small` and `large`, which give these answers one after the other. */
const scripted = (answers: string[]): Models & { readonly requests: ModelRequest[] } => {
  const requests: ModelRequest[] = []
  const model = (id: string): Model => ({
    id,
    historyLimit: 1,
    async *generate(request) {
      requests.push(request)
      yield { kind: 'text', text: answers.shift() ?? 'nothing' }
      yield { kind: 'end', reason: 'stop', usage: { inputTokens: 10, outputTokens: 10 } }
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
  const { call, refusal } = await startHost({ bundled, models })
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
    expect(await code({ maxTokens: 300 })).toBe('plugin.quota-exceeded')
    await ask({ maxTokens: 150 })
    await ask({ maxTokens: 150 })
    expect(await code({ maxTokens: 160 })).toBe('plugin.quota-exceeded')
    expect(models.requests).toHaveLength(2)
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
      models: scripted([]),
      plugins: { allowUnsigned: true },
    })
    expect(await refusal('acme.asker', 'ask', { prompt: 'x' })).toBe('plugin.permission-denied')
  })
})

describe('a budget of tokens', () => {
  const wish = { plugin: 'acme.a', permission: 'ai:inference', tokens: 60, perDay: 100 }

  it('is that of a day of UTC, and of one plugin', async () => {
    const clock = fakeClock(Date.UTC(2026, 0, 1, 23))
    const budget = tokenBudget(memoryKeyValues(), clock)
    await budget.reserve(wish)
    await expect(budget.reserve(wish)).rejects.toMatchObject({ code: 'plugin.quota-exceeded' })
    await budget.reserve({ ...wish, plugin: 'acme.b' })
    await clock.advance(3_600_000)
    await budget.reserve(wish)
  })

  it('is never exceeded by calls at once', async () => {
    const budget = tokenBudget(memoryKeyValues(), fakeClock())
    const all = await Promise.allSettled(
      Array.from({ length: 10 }, () => budget.reserve({ ...wish, tokens: 30 })),
    )
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  })
})
