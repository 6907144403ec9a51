import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { command, covent, json } from './support/command.ts'
import { startServer } from './support/server.ts'

const notes = `'data:database': { reason: 'Keep a note' }`
const net = `'net:outbound:https': { hosts: ['api.x.com'], reason: 'Ask for more' }`
const git = `'process:spawn': { commands: ['git'], reason: 'Keep a history' }`

/** A plugin that says which version it is. */
const folderOf = (version: string, permissions: string): string => {
  const folder = join(temporaryFolder(), 'noter')
  mkdirSync(folder)
  const source = `import { definePlugin, z } from '@covent/plugin-sdk'
export default definePlugin({
  id: 'acme.noter', version: '${version}', type: 'extension', title: 'Noter', description: 'Keeps your notes.',
  permissions: { required: { ${permissions} } },
  actions: { which: { description: 'Says its version', effect: 'read', input: z.object({}), output: z.string(),
    run: async () => '${version}' } },
})`
  writeFileSync(join(folder, 'plugin.ts'), source)
  writeFileSync(join(folder, 'CHANGELOG.md'), `# Changes\n\n## ${version}\n\nWhat is new in ${version}.\n`)
  return folder
}

const prepared = async () => {
  const { home, server } = await startServer()
  const say = (...words: string[]) => covent(home, [...words, '--json'])
  const { publicKey } = json<{ publicKey: string }>(await say('plugin', 'keygen'))
  await say('trust', 'add', publicKey, '--owner', 'Acme', '--namespace', 'acme.*')
  const packed = async (version: string, permissions: string): Promise<string> => {
    const file = join(home, `${version}.tgz`)
    await say('plugin', 'build', folderOf(version, permissions), '--out', file)
    await say('plugin', 'sign', file)
    return file
  }
  const which = async () =>
    json<{ output: string }>(await say('plugins', 'call', 'acme.noter', 'which', '{}'))
  return { home, server, say, packed, which }
}

const enter = '\r'

describeWith('bubblewrap', 'updates of a plugin', () => {
  it('come in by words, wait for consent where they may do more, and are taken back', async () => {
    const { home, server, say, packed, which } = await prepared()
    const [one, two, three] = [
      await packed('1.0.0', notes),
      await packed('1.1.0', notes),
      await packed('2.0.0', `${notes}, ${net}, ${git}`),
    ]
    await say('plugins', 'install', one, '--grant', 'all', '--yes')
    const unasked = await covent(home, ['plugins', 'update', 'acme.noter', two])
    expect([unasked.code, unasked.stderr]).toEqual([1, expect.stringMatching(/add --yes/) as string])
    expect(unasked.stdout).toMatch(/Noter 1\.0\.0 → 1\.1\.0, signed by Acme[^]*What is new in 1\.1\.0/)
    expect(json(await say('plugins', 'update', 'acme.noter', two, '--yes'))).toMatchObject({
      version: '1.1.0',
      state: 'ready',
    })
    expect(await which()).toEqual({ output: '1.1.0' })

    const update = { version: '2.0.0', state: 'update-pending-consent' }
    const staged = await say('plugins', 'update', 'acme.noter', three, '--yes')
    expect(json(staged)).toMatchObject({ version: '1.1.0', state: 'ready', update })
    expect((await covent(home, ['plugins', 'list'])).stdout).toMatch(/2\.0\.0 waits: .*--consent/)
    expect(await which()).toEqual({ output: '1.1.0' })
    const consented = await covent(home, ['plugins', 'update', 'acme.noter', '--consent'])
    expect(consented.stdout).toMatch(/It may do more than before:[^]*net:outbound:https[^]*api\.x\.com/)
    expect(await which()).toEqual({ output: '2.0.0' })
    const granted = json<{ permission: string; state: string; sentence: string }[]>(
      await say('plugins', 'grants', 'acme.noter'),
    )
    expect(granted).toMatchObject([
      { state: 'granted', sentence: 'send data to and receive data from api.x.com' },
      { permission: 'process:spawn', state: 'pending', risk: 'extreme' },
      { permission: 'data:database', state: 'granted' },
    ])
    expect(json(await say('plugins', 'update', 'acme.noter', '--reject'))).toMatchObject({
      error: { code: 'plugin.not-found' },
    })
    expect(json(await say('plugins', 'rollback', 'acme.noter'))).toMatchObject({ version: '1.1.0' })
    expect(await which()).toEqual({ output: '1.1.0' })
    await server.stop()
  })

  it('are asked about on a terminal, and nothing of extreme risk is granted there', async () => {
    const { home, server, packed, which, say } = await prepared()
    const [one, two] = [await packed('1.0.0', `${notes}, ${git}`), await packed('1.1.0', `${notes}, ${net}`)]
    const left = command(home, ['plugins', 'install', one], true)
    await left.shows('What shall happen')
    left.stdin.write('\u0003')
    expect(await left.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/nothing was changed/) as string,
    })

    const asked = command(home, ['plugins', 'install', one], true)
    await asked.shows('What shall happen')
    expect(asked.out()).toMatch(/Noter 1\.0\.0, signed by Acme \(ed25519:/)
    expect(asked.out()).toMatch(/Noter wants to[^]* low +store its own data \(required: Keep a note\)/)
    expect(asked.out()).toMatch(
      /extreme run the programs git .*`covent plugins grant acme\.noter process:spawn`/,
    )
    asked.stdin.write(enter)
    expect((await asked.ended).code).toBe(0)
    expect(json(await say('plugins', 'show', 'acme.noter'))).toMatchObject({ grants: ['data:database'] })

    const updating = command(home, ['plugins', 'update', 'acme.noter', two], true)
    await updating.shows('which may then do more?')
    updating.stdin.write(enter)
    expect((await updating.ended).code).toBe(1)
    expect(await which()).toEqual({ output: '1.0.0' })
    const again = command(home, ['plugins', 'update', 'acme.noter', two], true)
    await again.shows('which may then do more?')
    again.stdin.write('y')
    expect((await again.ended).code).toBe(0)
    expect(await which()).toEqual({ output: '1.1.0' })
    expect(existsSync(join(home, 'plugins/plugins.lock.json'))).toBe(true)
    await server.stop()
  })

  it('come to another server as a lock file names them, and doctor sees what differs from it', async () => {
    const { home, server, packed } = await prepared()
    const folder = temporaryFolder()
    const one = await packed('1.0.0', `${notes}, ${git}`)
    await covent(home, ['plugins', 'install', one, '--grant', 'data:database', '--yes'])
    const lockfile = join(folder, 'plugins.lock.json')
    cpSync(join(home, 'plugins/plugins.lock.json'), lockfile)
    await server.stop()

    const other = await startServer()
    const say = (...words: string[]) => covent(other.home, [...words, '--json'])
    const key = join(home, 'keys/plugin-author.pem.pub')
    await say('trust', 'add', key, '--owner', 'Acme', '--namespace', 'acme.*')
    const fromLock = () => say('plugins', 'install', folder, '--lockfile', lockfile, '--yes')
    expect(json(await fromLock())).toMatchObject({
      error: { message: expect.stringMatching(/holds no package of acme\.noter 1\.0\.0/) as string },
    })
    cpSync(one, join(folder, 'noter.tgz'))
    expect(json(await fromLock())).toMatchObject([{ id: 'acme.noter', version: '1.0.0', state: 'ready' }])
    const written = join(other.home, 'plugins/plugins.lock.json')
    expect(readFileSync(written, 'utf8')).toBe(readFileSync(lockfile, 'utf8'))

    const lockCheck = async () => {
      const { checks } = json<{ checks: { name: string; ok: boolean; detail: string }[] }>(
        await say('doctor'),
      )
      return checks.find(({ name }) => name === 'plugins lock')
    }
    expect(await lockCheck()).toMatchObject({ ok: true })
    writeFileSync(written, readFileSync(written, 'utf8').replace('data:database', 'data:secrets'))
    expect(await lockCheck()).toMatchObject({ ok: false, detail: 'acme.noter differs in grants' })
    await other.server.stop()
    expect(await lockCheck()).toMatchObject({ ok: false, detail: 'acme.noter differs in grants' })
  })
})
