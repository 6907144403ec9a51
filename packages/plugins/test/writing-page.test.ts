import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { definePlugin } from '@covent/plugin-sdk'
import type { TestHostOptions } from '@covent/plugin-sdk/testing'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import { testBench } from '../src/testing.ts'
import { startHost } from './start-host.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const page = readFileSync(join(root, 'docs/plugins/writing.md'), 'utf8')

/** The page's TypeScript, by the file name that its first line says. */
const blocks = new Map(
  [...page.matchAll(/```ts\n\/\/ (\S+)\n([^]*?)```/g)].map(([, name = '', text = '']) => [name, text]),
)
const write = (): string => {
  const folder = temporaryFolder()
  for (const [name, text] of blocks) writeFileSync(join(folder, name), text)
  return folder
}

/** Runs a block of the page, as `testHost` would run the file of its author. */
const open = async (name: string, options: Omit<TestHostOptions, 'file'> = {}) => {
  const id = `acme.${name}` as const
  const plugin = definePlugin({ id, version: '1.0.0', type: 'extension', description: 'On the page.' })
  const host = await testBench(plugin, { file: pathToFileURL(join(write(), `${name}.ts`)), ...options })
  onTestFinished(() => host[Symbol.asyncDispose]())
  return host
}
const mood = { grants: ['data:database', 'data:memory'] }

it('has no block of TypeScript that is not tried here', () => {
  expect([...blocks.keys()]).toEqual([
    'dice.ts',
    'mood.ts',
    'shout.ts',
    'herald.ts',
    'classic.ts',
    'dice.test.ts',
  ])
  expect(page.match(/```ts\n/g)).toHaveLength(blocks.size)
})

it('compiles as it stands', () => {
  const folder = write()
  for (const name of ['@covent/plugin-sdk', '@covent/plugins', 'vitest', 'zod']) {
    const link = join(folder, 'node_modules', name)
    const own = name === '@covent/plugins' ? '..' : `../node_modules/${name}`
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(fileURLToPath(new URL(own, import.meta.url)), link)
  }
  const types = { typeRoots: [join(root, 'node_modules/@types')], types: ['node'] }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const compilerOptions = { noEmit: true, composite: false, incremental: false, lib: ['esnext'], ...types }
  const extended = join(root, 'tsconfig.base.json')
  const config = { extends: extended, compilerOptions, include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const compile = (): string => spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' }).stdout
  expect(compile()).toBe('')
  writeFileSync(join(folder, 'wrong.ts'), 'export const wrong: string = 1\n')
  expect(compile()).toMatch(/wrong\.ts\(1,14\)/)
})

describeWith('bubblewrap', 'the page on writing plugins', () => {
  it('rolls dice', async () => {
    const host = await open('dice')
    const { value } = (await host.call('roll_dice', { sides: 2 })) as { readonly value: number }
    expect([1, 2]).toContain(value)
    await expect(host.call('roll_dice', { sides: 1 })).rejects.toThrow(/sides/)
    expect(host.info()).toMatchObject({ id: 'acme.dice', grants: [], trust: 'unverified' })
  })

  it('keeps the mood of each person', async () => {
    const host = await open('mood', mood)
    expect(await host.provide('hello')).toEqual([])
    await host.evaluate({ text: 'That is GREAT', reply: 'Yes' })
    await host.evaluate({ text: 'oh', reply: 'What?' })
    const [provided] = await host.provide('hello')
    expect(provided!.text).toBe('Their mood: 1 good words, 1 bad messages so far.')
    expect(await host.provide('hello', { principalId: 'ben' })).toEqual([])
    expect(host.emitted).toMatchObject([
      { name: 'mood.changed', payload: { good: true } },
      { name: 'mood.changed', payload: { good: false } },
    ])
    host.emit('conversation.started', { conversationId: 'c', principalId: 'ben' })
    await expect
      .poll(() => host.logged.map(({ message }) => message))
      .toEqual(['mood is here', 'somebody is new'])
  })

  it('is degraded without good words, and blind without data:memory', async () => {
    const bare = await open('mood', { ...mood, config: { goodWords: [] } })
    await expect.poll(bare.info).toMatchObject({ state: 'degraded', reason: 'no good words are set' })
    const blind = await open('mood', { grants: ['data:database'] })
    await blind.evaluate({ text: 'That is great', reply: 'Yes' })
    expect(blind.emitted).toMatchObject([{ payload: { good: false } }])
  })

  it('says why a plugin does not start', async () => {
    await expect(open('mood', { ...mood, config: { goodWords: 5 } })).rejects.toThrow(
      /acme\.mood is refused: .*plugins\.config\["acme\.mood"\].*goodWords/,
    )
  })

  it('greets as the classic plugin does', async () => {
    const host = await open('classic', { config: { NAME: 'Ada' } })
    expect(await host.call('hello_world', { text: 'hi' })).toEqual({ text: 'Hello, Ada!' })
    await expect(host.call('hello_world', { text: '' })).rejects.toThrow(/does not apply here/)
  })

  it('lets the herald shout', async () => {
    const folder = write()
    const bundled = ['herald', 'shout'].map((name) => ({
      name,
      url: pathToFileURL(join(folder, `${name}.ts`)),
    }))
    const { call } = await startHost({ bundled })
    expect(await call('acme.herald', 'announce', { text: 'hear' })).toEqual({ text: 'HEAR' })
  })
})
