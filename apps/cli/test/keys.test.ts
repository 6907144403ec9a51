import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { command, covent, json } from './support/command.ts'
import { startServer } from './support/server.ts'

interface Key {
  readonly id: string
  readonly name: string
  readonly role: string
  readonly scopes?: readonly string[]
  readonly expiresAt?: string
  readonly revokedAt?: string
}

it.each(['at the running server', 'on the home itself'])(
  'makes, lists and revokes keys %s',
  async (where) => {
    const home = where === 'on the home itself' ? temporaryFolder() : (await startServer()).home
    const words = ['--name', 'ci', '--role', 'user', '--scopes', 'chat:write', '--expires', '3']
    const made = json<{ id: string; key: string }>(await covent(home, ['keys', 'create', ...words, '--json']))
    expect(made).toEqual({ id: expect.stringMatching(/^key_/), key: expect.stringMatching(/^cvt_/) })
    const list = await covent(home, ['keys', 'list', '--json'])
    expect(list.stdout).not.toContain(made.key)
    expect(json<Key[]>(list)).toMatchObject([
      { id: made.id, name: 'ci', role: 'user', scopes: ['chat:write'] },
    ])
    const days = (Date.parse(json<Key[]>(list)[0]!.expiresAt!) - Date.now()) / 86_400_000
    expect(days).toBeCloseTo(3, 1)
    expect(await covent(home, ['keys', 'revoke', made.id])).toMatchObject({ code: 0 })
    expect(json<Key[]>(await covent(home, ['keys', 'list', '--json']))[0]!.revokedAt).toBeDefined()
    const again = await covent(home, ['keys', 'revoke', made.id, '--json'])
    expect([again.code, json<{ error: object }>(again)]).toMatchObject([
      1,
      { error: { code: 'request.not-found' } },
    ])
    expect((await covent(home, ['keys', 'revoke', made.id])).stderr).toMatch(/^covent: [^\n]+\n$/)
  },
)

it.each(['at the running server', 'on the home itself'])('rotates a key %s', async (where) => {
  const home = where === 'on the home itself' ? temporaryFolder() : (await startServer()).home
  const made = json<{ id: string }>(
    await covent(home, ['keys', 'create', '--name', 'ci', '--role', 'user', '--json']),
  )
  const next = json<{ id: string; key: string }>(
    await covent(home, ['keys', 'rotate', made.id, '--overlap', '2', '--json']),
  )
  expect(next.key).toMatch(/^cvt_/)
  const [old, fresh] = json<Key[]>(await covent(home, ['keys', 'list', '--json']))
  expect((Date.parse(old!.expiresAt!) - Date.now()) / 3_600_000).toBeCloseTo(2, 1)
  expect(fresh).toMatchObject({ id: next.id, name: 'ci', role: 'user', principalId: made.id })
  expect((await covent(home, ['keys', 'list'])).stdout).toMatch(/never used, acts as key_/)
  expect((await covent(home, ['keys', 'rotate', 'key_none'])).code).toBe(1)
  const dead = await covent(home, [
    'keys',
    'create',
    '--name',
    'x',
    '--role',
    'guest',
    '--scopes',
    'keys:read',
  ])
  expect(dead).toMatchObject({ code: 1, stderr: expect.stringContaining('not held by the role guest') })
})

it('makes with no server the key that its server takes', async () => {
  const { home, server } = await startServer()
  await server.stop()
  const { stdout, stderr } = await covent(home, ['keys', 'create', '--name', 'first', '--role', 'owner'])
  expect(stdout).toMatch(/^cvt_\S+\n$/)
  expect(stderr).toMatch(/shown this once/)
})

it('keeps a terminal from obeying the name of a key', async () => {
  const home = temporaryFolder()
  await covent(home, ['keys', 'create', '--name', 'a\u001b]0;x\u0007b', '--role', 'user'])
  const { stdout } = await command(home, ['keys', 'list'], true).ended
  expect(stdout).toContain('a]0;xb')
})
