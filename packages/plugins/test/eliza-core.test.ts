import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PluginPermission } from '@covent/plugin-sdk'
import { fromEliza } from '@covent/plugin-sdk/eliza'
import type { TestHostOptions } from '@covent/plugin-sdk/testing'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import { testBench } from '../src/testing.ts'

/** As the guides write it, but for where its names come from. */
const source = (permissions: string): string => `
import { fromEliza, ModelType, Service, elizaLogger, logger } from '@covent/plugin-sdk/eliza'
class Rates extends Service {
  static serviceType = 'rates'
  static async start(runtime) { return new Rates(runtime) }
  base() { return this.runtime.getSetting('BASE') ?? 'EUR' }
}
const act = (name, handler) => ({ name, description: 'Does ' + name, handler })
export default fromEliza(
  { name: 'rates', description: 'Knows rates of exchange.', services: [Rates], actions: [
    act('RATE', async (runtime, message, state, options, callback) => {
      const response = await runtime.fetch('https://rates.example/' + runtime.getService('rates').base())
      if (!response.ok) throw new Error('rates answered ' + response.status)
      const { rate } = await response.json()
      elizaLogger.info('rate', { rate })
      await callback({ text: 'The rate is ' + rate + ', as ' + response.headers.get('Content-Type') })
    }),
    act('SEND', (runtime) => runtime.fetch('https://rates.example/', { method: 'POST', body: 'x' })),
    act('SAY', (runtime, message) => runtime.useModel(ModelType.TEXT_SMALL, { prompt: message.content.text })),
    act('FORM', async (runtime) => JSON.stringify(await runtime.useModel(ModelType.OBJECT_SMALL, { prompt: 'form' }))),
    act('EMBED', async (runtime) => String((await runtime.useModel(ModelType.TEXT_EMBEDDING, 'ab')).length)),
    act('PAINT', (runtime) => runtime.useModel('IMAGE', { prompt: 'x' })),
  ] },
  { id: 'acme.rates', version: '1.0.0', permissions: { required: { ${permissions} } } })`

const reason = 'It is needed'
const asked = {
  'net:outbound:https': { hosts: ['rates.example'], methods: ['GET'], reason },
  'ai:inference': { reason },
  'ai:embedding': { reason },
} as const

const open = async (
  permissions: readonly PluginPermission[],
  options: Omit<TestHostOptions, 'file'> = {},
) => {
  const required = Object.fromEntries(
    Object.entries(asked).filter(([name]) => permissions.includes(name as never)),
  )
  const path = join(temporaryFolder(), 'rates.mjs')
  writeFileSync(path, source(JSON.stringify(required).slice(1, -1)))
  const plugin = fromEliza(
    { name: 'rates', description: 'Knows rates of exchange.' },
    { id: 'acme.rates', version: '1.0.0', permissions: { required } },
  )
  const host = await testBench(plugin, { file: pathToFileURL(path), ...options })
  onTestFinished(() => host[Symbol.asyncDispose]())
  return { host, say: (action: string, text = 'hi') => host.call(action, { text }) }
}

describeWith('bubblewrap', 'what classic plugins reach by their runtime', () => {
  it('is the hosts that were granted, by fetch', async () => {
    const json = { rate: 1.1 }
    const { host, say } = await open(['net:outbound:https'], {
      http: { 'GET https://rates.example/EUR': { json, headers: { 'content-type': 'application/json' } } },
    })
    expect(await say('rate')).toEqual({ text: 'The rate is 1.1, as application/json' })
    await expect(say('send')).rejects.toMatchObject({ code: 'plugin.permission-denied' })
    expect(host.requests).toHaveLength(1)
  })

  it('is the models of the server', async () => {
    const { say } = await open(['ai:inference', 'ai:embedding'], {
      ai: ({ prompt }) => (prompt === 'form' ? '{"name":"Ada"}' : `You said ${prompt}`),
    })
    expect(await say('say', 'hello')).toEqual({ text: 'You said hello' })
    expect(await say('form')).toEqual({ text: '{"name":"Ada"}' })
    expect(await say('embed')).toEqual({ text: '26' })
    await expect(say('paint')).rejects.toThrow(/IMAGE is not offered/)
  })

  it('is nothing without the permission, whose name it is told', async () => {
    const { say } = await open([])
    await expect(say('rate')).rejects.toThrow(/runtime\.fetch needs the permission net:outbound:https/)
    await expect(say('say')).rejects.toThrow(/useModel needs the permission ai:inference/)
    await expect(say('embed')).rejects.toThrow(/useModel needs the permission ai:embedding/)
  })
})
