import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { temporaryFolder } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { definePlugin } from '../src/index.ts'
import { aCall, aMemory, aMessage, testHost, type TestHostOptions } from '../src/testing.ts'

const plugin = definePlugin({ id: 'acme.a', version: '1.0.0', type: 'utility', description: 'For a test.' })
const fileIn = (project: string): URL => pathToFileURL(join(project, 'plugin.ts'))

describe('testHost', () => {
  it('takes the bench of the project in which the plugin stands', async () => {
    const project = temporaryFolder()
    const folder = join(project, 'node_modules/@covent/plugins')
    mkdirSync(folder, { recursive: true })
    const exports = { './testing': './testing.js' }
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'x', type: 'module', exports }))
    writeFileSync(
      join(folder, 'testing.js'),
      'export const testBench = async (plugin, { grants }) => ({ id: plugin.definition.id, grants })',
    )
    const host: unknown = await testHost(plugin, { file: fileIn(project), grants: ['net:dns'] })
    expect(host).toEqual({ id: 'acme.a', grants: ['net:dns'] })
  })

  it('takes fixtures, secrets and callers of their shapes alone', () => {
    const file = 'file:///plugin.ts'
    const right: TestHostOptions = { file, http: { 'GET https://a.example/': { status: 404, json: {} } } }
    // @ts-expect-error a fixture has a numeric status
    const status: TestHostOptions = { file, http: { 'GET https://a.example/': { status: '404' } } }
    // @ts-expect-error a secret is text
    const secret: TestHostOptions = { file, secrets: { KEY: 5 } }
    // @ts-expect-error a call has no such member
    const caller = aCall({ person: 'ben' })
    expect([right, status, secret, caller]).toHaveLength(4)
  })

  it('builds calls, messages and memories of anna, but for what differs', () => {
    const remembered = aMemory('Likes tea', { conversationId: 'home' })
    expect(remembered).toMatchObject({ principalId: 'anna', conversationId: 'home', text: 'Likes tea' })
    expect(aCall({ principalId: 'ben' })).toMatchObject({ principalId: 'ben', character: 'assistant' })
    expect(aMessage('hi', { turnId: 't' })).toMatchObject({ text: 'hi', principalId: 'anna', turnId: 't' })
  })
})
