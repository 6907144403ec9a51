import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { shown } from '../src/terminal.ts'
import { covent, json } from './support/command.ts'

it.each([
  [[], 'Usage: covent'],
  [['nonsense'], "unknown command 'nonsense'"],
  [['chat', '--loud'], "unknown option '--loud'"],
  [['chat', '--once'], 'argument missing'],
  [['chat', '--once', ' '], 'nothing to say'],
  [['keys'], 'Usage: covent keys'],
  [['keys', 'create', '--name', 'a'], '--role'],
  [['keys', 'create', '--name', 'a', '--role', 'king'], 'Allowed choices are owner'],
  [['keys', 'create', '--name', ' ', '--role', 'user'], '1 to 100 characters'],
  [['keys', 'create', '--name', 'a', '--role', 'user', '--expires', '0'], 'number of days'],
  [['keys', 'create', '--name', 'a', '--role', 'user', '--scopes', 'chat'], 'chat:write'],
  [['keys', 'revoke'], 'missing required argument'],
])('answers the wrong usage %j with 2 and help on stderr', async (words, hint) => {
  const { code, stdout, stderr } = await covent(temporaryFolder(), words)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(hint)
  expect(stderr).toContain('Usage: covent')
})

it.each([[['--help']], [['chat', '--help']], [['help', 'keys']]])(
  'shows help on stdout for %j',
  async (words) => {
    const { code, stdout } = await covent(temporaryFolder(), words)
    expect([code, stdout.startsWith('Usage: covent')]).toEqual([0, true])
  },
)

it('says which version it is', async () => {
  const { code, stdout } = await covent(temporaryFolder(), ['--version'])
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)])
})

it('says that no server runs, and how to start one', async () => {
  const home = temporaryFolder()
  const { code, stdout, stderr } = await covent(home, ['chat', '--once', 'hello'])
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toBe(
    `covent: no server runs on ${home}; start one with \`covent start\` (in a checkout \`npm start\`), or set COVENT_HOME\n`,
  )
  const told = json<{ error: { code: string } }>(await covent(home, ['chat', '--once', 'hello', '--json']))
  expect(told.error.code).toBe('server.unreachable')
})

it('keeps a terminal from obeying what a model or a plugin wrote, and leaves pipes as they are', () => {
  const text = 'a\u001b]0;title\u0007\u001b[2Jb\u009b31m\tc\n'
  expect(shown(text, { isTTY: true })).toBe('a]0;title[2Jb31m\tc\n')
  expect(shown(text, {})).toBe(text)
})
