import { costOf, type Secrets } from '@covent/core'
import { models } from '@covent/models'
import { modelsConfig } from '@covent/models/config'
import { describe, expect, it, onTestFinished } from 'vitest'
import { generate } from './support/conversation.ts'
import { startProvider, wellBehaved } from './support/provider.ts'

const secrets: Secrets = { get: async (name) => (name === 'LOCAL_KEY' ? 'sk-local' : undefined) }

const configured = (more: object) => modelsConfig.parse(more)

describe('the models', () => {
  it('are the rules model alone by default', async () => {
    const all = models(configured({}), secrets)
    await all.start?.()
    expect(all.get()).toBe(all.get('rules'))
    expect(() => all.get('local/x')).toThrow(expect.objectContaining({ code: 'model.not-found' }))
  })

  it('are those of the providers, with their secrets', async () => {
    const provider = await startProvider(wellBehaved)
    onTestFinished(provider.close)
    const local = { kind: 'openai-compatible', baseUrl: provider.url, secret: 'LOCAL_KEY' }
    const all = models(configured({ default: 'local/org/big', providers: { local } }), secrets)
    await all.start?.()
    expect(all.get().id).toBe('local/org/big')
    expect((await generate(all.get(), { messages: [{ role: 'user', text: 'hi' }] })).text).toBe(
      'Hello from the provider.',
    )
    expect(provider.received[0]).toMatchObject({
      body: { model: 'org/big' },
      headers: { authorization: 'Bearer sk-local' },
    })
    for (const id of ['local', 'local/', 'other/x', '', '__proto__/x'])
      expect(() => all.get(id)).toThrow(expect.objectContaining({ code: 'model.not-found' }))
    await all.stop?.()
  })

  it('have the prices of the settings, by which budgets of money count', async () => {
    const local = { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' }
    const prices = { 'local/big': { input: 2, output: 10 } }
    const all = models(configured({ providers: { local }, prices }), secrets)
    await all.start?.()
    const usage = { inputTokens: 500_000, outputTokens: 100_000 }
    expect(costOf(all.get('local/big'), usage)).toEqual({ tokens: 600_000, money: 2 })
    expect(costOf(all.get('local/small'), usage)).toEqual({ tokens: 600_000, money: 0 })
    await all.stop?.()
  })

  it.each(['nobody/x', 'local', 'local/', 'rule'])('do not start with the default %s', async (name) => {
    const local = { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' }
    const all = models(configured({ default: name, providers: { local } }), secrets)
    await expect(all.start?.()).rejects.toMatchObject({
      code: 'config.invalid-value',
      message: expect.stringContaining(name),
    })
  })

  it('do not start where a secret is missing, and say how to give it', async () => {
    const local = { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1', secret: 'NO_KEY' }
    const all = models(configured({ providers: { local } }), secrets)
    await expect(all.start?.()).rejects.toMatchObject({
      code: 'config.secret-missing',
      message: expect.stringContaining('COVENT_SECRET_NO_KEY'),
    })
  })
})

describe('the settings of models', () => {
  const local = { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' }
  it.each<[string, object]>([
    ['an unknown key', { defautl: 'rules' }],
    ['an unknown kind', { providers: { local: { ...local, kind: 'other' } } }],
    ['a base URL of another scheme', { providers: { local: { ...local, baseUrl: 'file:///etc/passwd' } } }],
    ['a base URL with a password', { providers: { local: { ...local, baseUrl: 'http://a:b@host/v1' } } }],
    ['a base URL with a query', { providers: { local: { ...local, baseUrl: 'http://host/v1?key=1' } } }],
    ['a key in place of its name', { providers: { local: { ...local, secret: 'sk-abc123' } } }],
    ['a provider with a slash', { providers: { 'a/b': local } }],
    ['no time at all', { timeoutMs: 0 }],
  ])('refuse %s', (_what, config) => {
    expect(modelsConfig.safeParse(config).success).toBe(false)
  })
})
