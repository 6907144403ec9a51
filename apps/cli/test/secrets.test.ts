import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { expect, it, vi } from 'vitest'
import { command, covent, json } from './support/command.ts'
import { startServer } from './support/server.ts'

const canary = 'canary-77c1e0'
const openAi = `sk-${'a1B2'.repeat(8)}`
const anthropic = `sk-ant-${'c3D4'.repeat(8)}`

it.each(['at the running server', 'on the home itself'])(
  'sets, lists and deletes secrets, and rotates their key %s',
  async (where) => {
    const home = where === 'on the home itself' ? temporaryFolder() : (await startServer()).home
    const set = await covent(home, ['secrets', 'set', 'my-key', '--json'], `${canary}\n`)
    const { keyId } = json<{ keyId: string }>(set)
    expect(json(set)).toMatchObject({ name: 'MY_KEY', version: 1 })
    const rotated = json<{ keyId: string }>(await covent(home, ['secrets', 'rotate-key', '--json']))
    expect(rotated).toEqual({ keyId: expect.not.stringContaining(keyId), rewrapped: 1 })
    const list = await covent(home, ['secrets', 'list', '--json'])
    expect(json(list)).toMatchObject([{ name: 'MY_KEY', keyId: rotated.keyId }])
    expect(await covent(home, ['secrets', 'delete', 'MY_KEY'])).toMatchObject({ code: 0 })
    const again = await covent(home, ['secrets', 'delete', 'MY_KEY', '--json'])
    expect([again.code, json(again)]).toMatchObject([1, { error: { code: 'request.not-found' } }])
    expect(set.stdout + list.stdout).not.toContain(canary)
  },
)

it('takes no value among the arguments, says why, and repeats none', async () => {
  const home = temporaryFolder()
  for (const words of [['MY_KEY', canary], [`MY_KEY=${canary}`]]) {
    const { code, stdout, stderr } = await covent(home, ['secrets', 'set', ...words])
    expect(code).toBe(2)
    expect(stderr).toMatch(/among the arguments|no name of a secret/)
    expect(stdout + stderr).not.toContain(canary)
  }
  expect(existsSync(join(home, 'data', 'secrets.json'))).toBe(false)
})

it('asks on a terminal, and shows nothing of what is typed', async () => {
  const home = temporaryFolder()
  const running = command(home, ['secrets', 'set', 'MY_KEY'], true)
  await running.shows('Value of MY_KEY')
  running.stdin.write(canary)
  running.stdin.write('\r')
  const { code, stdout, stderr } = await running.ended
  expect(code).toBe(0)
  expect(stdout).toContain('MY_KEY is kept')
  expect(stdout + stderr).not.toContain(canary)
})

it('refuses an empty value and one that its provider does not make', async () => {
  const home = temporaryFolder()
  expect((await covent(home, ['secrets', 'set', 'A'], '\n')).stderr).toContain('is empty')
  const wrong = await covent(home, ['secrets', 'set', 'ANTHROPIC_API_KEY'], canary)
  expect(wrong.stderr).toContain('sk-ant-')
  expect(wrong.stderr).not.toContain(canary)
})

const written = (folder: string, name: string, content: unknown): string => {
  const file = join(folder, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}
interface Report {
  readonly files: readonly { names?: string[]; removed?: boolean; error?: { message: string } }[]
  readonly rotate: readonly string[]
}

it.each([
  ['names and values', { OPENAI_API_KEY: openAi, MY_TOKEN: canary }, ['OPENAI_API_KEY', 'MY_TOKEN']],
  [
    'a map of providers',
    { openai: { apiKey: openAi }, telegram: { botToken: `123456:${'x'.repeat(35)}` } },
    ['OPENAI_API_KEY', 'TELEGRAM_BOT_TOKEN'],
  ],
  [
    'auth profiles',
    {
      version: 1,
      profiles: {
        'anthropic:default': { type: 'api_key', provider: 'anthropic', key: anthropic },
        'acme:work': { type: 'token', provider: 'acme', token: canary },
      },
      lastGood: { anthropic: 'anthropic:default' },
    },
    ['ANTHROPIC_API_KEY', 'ACME_WORK_TOKEN'],
  ],
])('moves %s out of a file, and says what to make anew', async (_, content, names) => {
  const [home, folder] = [temporaryFolder(), temporaryFolder()]
  const file = written(folder, 'credentials.json', content)
  const ran = await covent(home, ['secrets', 'migrate', file, '--json'])
  expect(json(ran)).toEqual({ files: [{ file, names, removed: true }], rotate: names })
  expect(existsSync(file)).toBe(false)
  const listed = json<{ name: string }[]>(await covent(home, ['secrets', 'list', '--json']))
  expect(listed.map(({ name }) => name)).toEqual(names.toSorted())
})

it('leaves a character what is no secret, also by its other name and at a running server', async () => {
  const { home } = await startServer()
  const character = {
    name: 'Eliza',
    bio: ['kind'],
    settings: { model: 'x', secrets: { OPENAI_API_KEY: openAi, EMPTY: '' } },
  }
  const file = written(temporaryFolder(), 'eliza.json', character)
  const { code, stdout } = await covent(home, ['auth', 'migrate', file])
  expect(code).toBe(0)
  expect(stdout).toMatch(/without them now[^]*make new ones[^]*OPENAI_API_KEY/)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    name: 'Eliza',
    bio: ['kind'],
    settings: { model: 'x' },
  })
})

it('removes nothing from a file that it does not understand wholly, and says what it is', async () => {
  const [home, folder] = [temporaryFolder(), temporaryFolder()]
  await covent(home, ['secrets', 'set', 'TAKEN'], canary)
  const good = written(folder, 'good.json', { MY_TOKEN: canary })
  linkSync(good, join(folder, 'second-name.json'))
  symlinkSync(good, join(folder, 'link.json'))
  mkdirSync(join(folder, 'folder.json'))
  const bad: readonly (readonly [string, RegExp])[] = [
    [written(folder, 'broken.json', `{ "A": "${canary}`), /no JSON/],
    [written(folder, 'list.json', [canary]), /not known/],
    [written(folder, 'mixed.json', { A: canary, b: 3 }), /not known/],
    [written(folder, 'empty.json', {}), /no credentials/],
    [written(folder, 'wrong.json', { ANTHROPIC_API_KEY: canary }), /shape/],
    [written(folder, 'more.json', { openai: { apiKey: openAi, baseUrl: 'https://x' } }), /openai\.baseUrl/],
    [
      written(folder, 'oauth.json', {
        profiles: { 'x:y': { type: 'oauth', provider: 'x', access: canary } },
      }),
      /sign in/,
    ],
    [written(folder, 'reference.json', { A: '${OTHER}' }), /names a variable/],
    [written(folder, 'taken.json', { TAKEN: `${canary}-other` }), /--replace/],
    [good, /hard link/],
    [join(folder, 'link.json'), /link/],
    [join(folder, 'folder.json'), /no plain file/],
    [join(folder, 'none.json'), /no such file/],
  ]
  const files = bad.map(([file]) => file)
  const ran = await covent(home, ['secrets', 'migrate', ...files, '--json'])
  const report = json<Report>(ran)
  expect(ran.code).toBe(1)
  expect(report.rotate).toEqual([])
  for (const [n, [file, reason]] of bad.entries()) {
    expect(report.files[n]!.error!.message).toMatch(reason)
    expect(existsSync(file)).toBe(!file.endsWith('none.json'))
  }
  expect(ran.stdout + ran.stderr).not.toContain(canary)
  const replaced = await covent(home, ['secrets', 'migrate', join(folder, 'taken.json'), '--replace'])
  expect(replaced.code).toBe(0)
})

interface Checks {
  readonly checks: readonly { name: string; ok: boolean; detail: string; remedy?: string }[]
}

it('says where no keychain keeps the key that one should keep', async () => {
  const home = temporaryFolder()
  writeFileSync(join(home, 'covent.json'), JSON.stringify({ secureStorage: { driver: 'keychain' } }))
  vi.stubEnv('PATH', '/nowhere')
  expect((await covent(home, ['secrets', 'set', 'A'], canary)).code).toBe(0)
  const ran = await covent(home, ['secrets', 'doctor', '--json'])
  vi.unstubAllEnvs()
  const key = json<Checks>(ran).checks.find(({ name }) => name === 'master key')
  expect(key).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/master\.key and not the keychain: .+secret-tool/),
  })
})

it('looks at the key, at every secret and at the settings', async () => {
  const home = temporaryFolder()
  const look = async () => {
    const ran = await covent(home, ['secrets', 'doctor', '--json'])
    const { checks } = json<Checks>(ran)
    return { ran, ...Object.fromEntries(checks.map((check) => [check.name, check])) } as Record<
      string,
      Checks['checks'][0]
    > & { ran: typeof ran }
  }
  expect((await look())['master key']).toMatchObject({
    ok: true,
    detail: expect.stringContaining('first start'),
  })
  await covent(home, ['secrets', 'set', 'A'], canary)
  const well = await look()
  expect(well.ran.code).toBe(0)
  expect(well['master key']!.detail).toMatch(/mode 0600.*secureStorage\.keyFile/)
  expect(well['secrets']!.detail).toMatch(/^1,/)

  chmodSync(join(home, 'keys', 'master.key'), 0o644)
  writeFileSync(join(home, 'covent.json'), JSON.stringify({ redis: { url: `redis://:${canary}@localhost` } }))
  const data = join(home, 'data', 'secrets.json')
  writeFileSync(data, readFileSync(data, 'utf8').replace('"version": 1', '"version": 2'))
  const ill = await look()
  expect(ill.ran.code).toBe(1)
  expect(ill['master key']).toMatchObject({ ok: false, remedy: expect.stringContaining('chmod 600') })
  expect(ill['secrets']).toMatchObject({ ok: false, detail: expect.stringContaining('changed from outside') })
  expect(ill['plaintext secrets']).toMatchObject({ ok: false, detail: expect.stringContaining('redis.url') })
  expect(ill.ran.stdout).not.toContain(canary)
})
