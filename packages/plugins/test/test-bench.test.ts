import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { manifestSchema } from '@covent/plugin-sdk/manifest'
import { aMemory, type TestHostOptions } from '@covent/plugin-sdk/testing'
import { definePlugin } from '@covent/plugin-sdk'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import { makePackage } from '../src/package.ts'
import { testBench } from '../src/testing.ts'
import { pluginSource } from './start-host.ts'

const more = `
  permissions: { required: {
    'data:database': { reason: 'Keep values' },
    'process:env:read': { names: ['REGION'], reason: 'Know the region' },
    'net:outbound:https': { hosts: ['api.example.com', '*.maps.example'], methods: ['GET'], reason: 'Ask' },
  } },
  secrets: { API_KEY: {
    description: 'The key', inject: { header: 'X-Key', format: 'Bearer {value}', hosts: ['api.example.com'] },
  } },`
const actions = {
  keep: `await ctx.kv.set('k', 1, { ttlMs: 60_000 })`,
  kept: `return ctx.kv.get('k', z.any())`,
  region: `return ctx.env.get('REGION')`,
  get: `const answer = await ctx.http.get(input); return { status: answer.status, text: await answer.text() }`,
  post: `await ctx.http.request(input, { method: 'POST', body: 'x' })`,
}
const id = 'acme.fixed'
const described = { id, version: '1.0.0', type: 'extension', description: 'Made for a test.' } as const
const plugin = definePlugin({
  ...described,
  permissions: {
    required: {
      'data:database': { reason: 'Keep values' },
      'process:env:read': { names: ['REGION'], reason: 'Know the region' },
      'net:outbound:https': { hosts: ['api.example.com'], reason: 'Ask' },
    },
  },
})

const open = async (options: Omit<TestHostOptions, 'file'> = {}) => {
  const path = join(temporaryFolder(), 'plugin.mjs')
  writeFileSync(path, pluginSource(id, { actions, more }))
  const secrets = { API_KEY: 'abc-123-def' }
  const host = await testBench(plugin, { file: pathToFileURL(path), secrets, ...options })
  onTestFinished(() => host[Symbol.asyncDispose]())
  return host
}

describeWith('bubblewrap', 'the bench of plugins', () => {
  it('answers requests from fixtures, and records what was sent with the secrets', async () => {
    const host = await open({
      http: { 'GET https://api.example.com/a?b=1': { status: 404, json: { no: 1 } } },
    })
    const answer = await host.call('get', 'https://api.example.com/a?b=1')
    expect(answer).toEqual({ status: 404, text: '{"no":1}' })
    expect(host.requests).toMatchObject([{ method: 'GET', headers: { 'x-key': 'Bearer abc-123-def' } }])
    await expect(host.call('get', 'https://api.example.com/else')).rejects.toThrow(
      /no fixture for it; add "GET https:\/\/api\.example\.com\/else"/,
    )
  })

  it('refuses what the way out of the server refuses', async () => {
    const urls = ['https://elsewhere.org/', 'http://api.example.com/', 'https://a.b.maps.example/']
    const fixtures = urls.map((url) => [`GET ${url}`, { text: 'reached' }] as const)
    const host = await open({ http: Object.fromEntries(fixtures) })
    for (const url of urls)
      await expect(host.call('get', url)).rejects.toMatchObject({ code: 'plugin.permission-denied' })
    await expect(host.call('post', 'https://api.example.com/')).rejects.toThrow(/POST/)
    expect(host.requests).toEqual([])
  })

  it('remembers what it was told and what the plugin adds, of that person alone, and answers as a model', async () => {
    const path = join(temporaryFolder(), 'minder.mjs')
    const more = `permissions: { required: {
      'data:memory': { access: 'readwrite', reason: 'Recall' }, 'ai:inference': { reason: 'Ask' },
    } },`
    const minding = {
      recall: `return (await ctx.memory.search(input)).map(({ text }) => text)`,
      keep: `await ctx.memory.add(input)`,
      ask: `return (await ctx.ai.generate({ prompt: input, system: 'Be brief' })).text`,
    }
    writeFileSync(path, pluginSource('acme.fixed', { actions: minding, more }))
    const permissions = {
      required: {
        'data:memory': { access: 'readwrite', reason: 'Recall' },
        'ai:inference': { reason: 'Ask' },
      },
    } as const
    const minder = definePlugin({ ...described, permissions })
    await using host = await testBench(minder, {
      file: pathToFileURL(path),
      memories: [aMemory('Likes green tea'), aMemory('Likes tea, too', { principalId: 'ben' })],
      ai: ({ prompt, system }) => `${system}: ${prompt}`,
    })
    expect(await host.call('recall', 'which tea?')).toEqual(['Likes green tea'])
    await host.call('keep', 'Drinks tea at five')
    expect(await host.call('recall', 'which tea?')).toHaveLength(2)
    expect(await host.call('recall', 'tea', { principalId: 'eve' })).toEqual([])
    expect(host.memories.at(-1)).toMatchObject({ text: 'Drinks tea at five', origin: id, isTainted: true })
    expect(await host.call('ask', 'Hi')).toBe('Be brief: Hi')
  })

  it('runs a built package, with all that it imports', async () => {
    const path = join(temporaryFolder(), 'fixed.tgz')
    const code = pluginSource(id, { actions: { say: `return 'whole'` } })
    writeFileSync(
      path,
      makePackage({
        plugin: manifestSchema.parse({ manifestVersion: 1, ...described }),
        code,
        others: new Map(),
      }),
    )
    await using host = await testBench(definePlugin(described), { file: pathToFileURL(path) })
    expect(await host.call('say', {})).toBe('whole')
    writeFileSync(path, 'no package')
    await expect(testBench(plugin, { file: pathToFileURL(path) })).rejects.toMatchObject({
      code: 'plugin.package-invalid',
    })
  })

  it('sends nothing without a secret that is required', async () => {
    const host = await open({ secrets: {}, http: { 'GET https://api.example.com/': { text: 'reached' } } })
    await expect(host.call('get', 'https://api.example.com/')).rejects.toThrow(/API_KEY/)
    expect(host.requests).toEqual([])
  })

  it('lets values expire when its clock is moved, and lends an environment', async () => {
    const host = await open({ environment: { REGION: 'north', HOME: '/root' } })
    await host.call('keep', {})
    await host.clock.advance(20_000)
    expect(await host.call('kept', {})).toBe(1)
    await host.clock.advance(40_000)
    expect(await host.call('kept', {})).toBeUndefined()
    expect(await host.call('region', {})).toBe('north')
    expect(host.info().state).toBe('ready')
  })
})
