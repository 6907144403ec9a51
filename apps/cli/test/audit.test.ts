import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { covent } from './support/command.ts'
import { startServer } from './support/server.ts'

/** A home whose audit holds three changes of secrets, and its one file; the server goes on. */
const changed = async () => {
  const { home, server } = await startServer()
  for (const name of ['ONE', 'TWO', 'THREE']) await covent(home, ['secrets', 'set', name], 'value')
  return { home, server, file: join(home, 'data', 'audit', '000000000000001.jsonl') }
}

it('verifies and exports the audit, of a running server and of one that ended', async () => {
  const { home, server } = await changed()
  const intact = await covent(home, ['audit', 'verify'])
  expect(intact).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✓ \d+ records.*\n {2}head \d+:/) })
  const head = /head (\S+)/.exec(intact.stdout)![1]!
  await server.kill()
  expect(await covent(home, ['audit', 'verify', '--head', head])).toMatchObject({ code: 0 })
  const { stdout, code } = await covent(home, ['audit', 'export'])
  expect(code).toBe(0)
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_, n) => n + 1))
  const targets = records.filter(({ action }) => action === 'secret.set').map(({ target }) => target)
  expect(targets).toEqual(['ONE', 'TWO', 'THREE'])
})

it('names the first record that was altered, and fails', async () => {
  const { home, file } = await changed()
  const lines = readFileSync(file, 'utf8').split('\n')
  const at = lines.findIndex((line) => line.includes('"TWO"'))
  writeFileSync(file, lines.with(at, lines[at]!.replace('"TWO"', '"TOO"')).join('\n'))
  const ran = await covent(home, ['audit', 'verify'])
  expect(ran).toMatchObject({ code: 1, stdout: expect.stringContaining(`record ${at + 1} was altered`) })
  const asJson = await covent(home, ['audit', 'verify', '--json'])
  expect(JSON.parse(asJson.stdout)).toMatchObject({ ok: false, fault: { kind: 'altered', seq: at + 1 } })
})

it('says so where a head is none, and where there is no audit', async () => {
  const home = temporaryFolder()
  expect(await covent(home, ['audit', 'verify'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('✓ 0 records'),
  })
  expect(existsSync(join(home, 'keys'))).toBe(false)
  expect(await covent(home, ['audit', 'verify', '--head', `3:${'a'.repeat(43)}`])).toMatchObject({ code: 1 })
  expect(await covent(home, ['audit', 'verify', '--head', 'x'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is no head'),
  })
})
