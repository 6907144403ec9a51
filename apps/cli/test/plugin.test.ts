import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { covent, json } from './support/command.ts'
import { readPackage } from '@covent/server/offline'

const source = (more = '', description = `'A plugin of a stranger.'`): string => `
import { definePlugin, z } from '@covent/plugin-sdk'
${more}
export default definePlugin({
  id: 'acme.greeter', version: '1.0.0', type: 'utility', description: ${description},
  actions: { greet: { description: 'Greets', effect: 'read', input: z.object({}), output: z.string(), run: async () => 'hi' } },
})`

const folderOf = (files: Readonly<Record<string, string>>): string => {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

const failure = async (folder: string, home = temporaryFolder()): Promise<string> => {
  const ran = await covent(home, ['plugin', 'build', folder, '--out', join(home, 'x.tgz'), '--json'])
  expect(ran.code).toBe(1)
  const { error } = json<{ error: { code: string; message: string } }>(ran)
  return `${error.code}: ${error.message}`
}

describeWith('bubblewrap', 'plugin build', () => {
  it('bundles files and packages, asks the code in the sandbox, and gives the same bytes from another place', async () => {
    const home = temporaryFolder()
    const folder = folderOf({
      'plugin.ts': source(
        `import { words } from './lib/words.ts'; import { npm } from 'tiny'; import { more } from '@acme/words'`,
        'words + npm + more',
      ),
      'lib/words.ts': `export const words: string = 'A plugin made of files '`,
      'node_modules/tiny/package.json': '{ "name": "tiny", "version": "1.0.0", "main": "index.js" }',
      'node_modules/tiny/index.js': `exports.npm = 'and packages.'`,
      'node_modules/@acme/words/package.json':
        '{ "name": "@acme/words", "version": "2.1.0", "license": "MIT", "main": "index.js" }',
      'node_modules/@acme/words/index.js': `exports.more = ' More.'`,
      'README.md': '# Greeter',
      'CHANGELOG.md': '## 1.0.0',
      'assets/icon.svg': '<svg/>',
    })
    const copy = temporaryFolder()
    cpSync(folder, copy, { recursive: true })
    const build = async (from: string, name: string) =>
      json<{ file: string; sha256: string }>(
        await covent(home, ['plugin', 'build', from, '--out', join(home, name), '--json']),
      )
    const first = await build(folder, 'a.tgz')
    expect(first).toEqual({
      file: join(home, 'a.tgz'),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    })
    expect((await build(copy, 'b.tgz')).sha256).toBe(first.sha256)
    expect(readFileSync(join(home, 'a.tgz'))).toEqual(readFileSync(join(home, 'b.tgz')))
    const { contents } = await readPackage(readFileSync(join(home, 'a.tgz')))
    expect([...contents.keys()]).toEqual([
      'CHANGELOG.md',
      'README.md',
      'assets/icon.svg',
      'plugin.json',
      'plugin.mjs',
      'sbom.cdx.json',
    ])
    const sbom: unknown = JSON.parse(Buffer.from(contents.get('sbom.cdx.json')!).toString())
    expect(sbom).toMatchObject({
      bomFormat: 'CycloneDX',
      metadata: { component: { name: 'acme.greeter', version: '1.0.0' } },
      components: [
        { purl: 'pkg:npm/%40acme/words@2.1.0', group: '@acme', licenses: [{ license: { name: 'MIT' } }] },
        { purl: 'pkg:npm/tiny@1.0.0', name: 'tiny', version: '1.0.0' },
      ],
    })
  })

  it('takes a classic plugin as it is, with what it imports from its own core', async () => {
    const home = temporaryFolder()
    const folder = folderOf({
      'plugin.ts': `import { fromEliza } from '@covent/plugin-sdk/eliza'
import { moon } from './moon.ts'
export default fromEliza(moon, { id: 'acme.moon', version: '1.0.0' })`,
      'moon.ts': `import { type Action, elizaLogger, ModelType, Service } from '@elizaos/core'
class Moon extends Service { static serviceType = 'moon'; static async start() { return new Moon() } }
const act: Action = { name: 'MOON', description: 'Asks', handler: async (runtime) => {
  elizaLogger.info('asked')
  return runtime.useModel(ModelType.TEXT_SMALL, { prompt: 'moon?' })
} }
export const moon = { name: 'moon', description: 'Knows the moon.', actions: [act], services: [Moon] }`,
    })
    const file = join(home, 'moon.tgz')
    const built = await covent(home, ['plugin', 'build', folder, '--out', file])
    expect(built.stderr).toBe('')
    const { plugin, text } = await readPackage(readFileSync(file))
    expect(plugin.contributes.actions).toMatchObject([{ name: 'moon' }])
    expect(text).not.toContain('@elizaos/core')

    writeFileSync(join(folder, 'moon.ts'), `export { moon, composeContext } from '@elizaos/core'`)
    expect(await failure(folder)).toMatch(/'moon'|composeContext/)
  })

  it('signs and verifies, and says no where the key is not trusted', async () => {
    const home = temporaryFolder()
    const file = join(home, 'greeter.tgz')
    await covent(home, ['plugin', 'build', folderOf({ 'plugin.ts': source() }), '--out', file])
    const { keyId, publicKey } = json<{ keyId: string; publicKey: string }>(
      await covent(home, ['plugin', 'keygen', '--json']),
    )
    expect(await covent(home, ['plugin', 'sign', file])).toMatchObject({ code: 0 })
    const verify = async (...words: string[]) =>
      json<object>(await covent(home, ['plugin', 'verify', file, ...words, '--json']))
    expect(await verify()).toMatchObject({ error: { code: 'plugin.signature-untrusted' } })
    expect(await verify('--key', publicKey)).toMatchObject({ signed: true, keyId })
    const add = (namespace: string) =>
      covent(home, ['trust', 'add', publicKey, '--owner', 'Acme', '--namespace', namespace, '--json'])
    expect(await add('other.*')).toMatchObject({ code: 0 })
    expect(await verify()).toMatchObject({ error: { code: 'plugin.signature-untrusted' } })
    expect(await add('acme.*')).toMatchObject({ code: 0 })
    expect(await verify()).toMatchObject({
      id: 'acme.greeter',
      version: '1.0.0',
      signed: true,
      keyId,
      owner: 'Acme',
    })
    expect(json(await covent(home, ['trust', 'list', '--json']))).toMatchObject([
      { keyId, namespaces: ['acme.*'] },
    ])
    expect((await covent(home, ['trust', 'remove', keyId, '--revoke'])).code).toBe(0)
    expect(await verify()).toMatchObject({ error: { code: 'plugin.signature-untrusted' } })
    expect((await covent(home, ['trust', 'remove', keyId])).code).toBe(0)
    expect(json(await covent(home, ['trust', 'list', '--json']))).toEqual([])
  })

  it('lets the code out of the sandbox no more than a running plugin', async () => {
    const home = temporaryFolder()
    const secret = join(home, 'secret')
    writeFileSync(secret, 'the secret', { mode: 0o644 })
    const reads = `const seen = await (async () => { try { return process.getBuiltinModule('fs').readFileSync(${JSON.stringify(secret)}, 'utf8') } catch (error) { return 'refused ' + error.code } })()`
    const folder = folderOf({ 'plugin.ts': source(reads, `'It saw: ' + seen`) })
    const ran = await covent(home, ['plugin', 'build', folder, '--out', join(home, 'x.tgz'), '--json'])
    expect(ran.stdout).not.toContain('the secret')
    if (ran.code === 0) expect(readFileSync(join(home, 'x.tgz')).includes('the secret')).toBe(false)
  })

  it('says what is wrong with code that cannot be loaded', async () => {
    const folder = folderOf({ 'plugin.ts': source(`throw new Error('not today')`) })
    expect(await failure(folder)).toMatch(/^plugin\.invalid: .*not today/)
  })
})

it.each<[string, string, RegExp]>([
  [
    'a Node builtin',
    `import { readFileSync } from 'node:fs'; export const x = readFileSync`,
    /lib\/x\.ts imports node:fs, a Node builtin/,
  ],
  [
    'one without its prefix',
    `import fs from 'fs'; export const x = fs`,
    /lib\/x\.ts imports fs, a Node builtin/,
  ],
  ['one that is imported later', `export const x = () => import('node:net')`, /lib\/x\.ts imports node:net/],
  ['one that is required', `export const x = require('child_process')`, /lib\/x\.ts imports child_process/],
  ['a package that is not there', `import y from 'nowhere'; export const x = y`, /lib\/x\.ts:1: .*nowhere/],
  ['an address', `import y from 'https://example.com/y.js'; export const x = y`, /lib\/x\.ts imports https:/],
  ['a file that is not there', `import y from './y.ts'; export const x = y`, /lib\/x\.ts:1: .*\.\/y\.ts/],
  ['a mistake', `export const x = (`, /lib\/x\.ts:1: /],
])('plugin build names file and import of %s', async (_, text, reason) => {
  const told = await failure(
    folderOf({ 'plugin.ts': source(`import { x } from './lib/x.ts'; x;`), 'lib/x.ts': text }),
  )
  expect(told).toMatch(/^plugin\.build-failed: /)
  expect(told).toMatch(reason)
})

it('plugin build says what it looks for in a folder without a plugin', async () => {
  expect(await failure(temporaryFolder())).toMatch(/holds no plugin: none of plugin\.ts, /)
})
