import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { covent, json } from './support/command.ts'

interface Report {
  readonly ok: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly remedy?: string }[]
}

it('lists its findings, with a remedy for each that is not well', async () => {
  const ran = await covent(temporaryFolder(), ['doctor', '--json'])
  const { ok, checks } = json<Report>(ran)
  expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['node', 'home', 'keys']))
  expect(checks.filter((check) => !check.ok && check.remedy === undefined)).toEqual([])
  expect(ran.code).toBe(ok ? 0 : 1)
})

it('exits 1 for settings that are wrong, and says the line', async () => {
  const home = temporaryFolder()
  writeFileSync(join(home, 'covent.json'), '{\n  http: { prot: 1 }\n}')
  const { code, stdout } = await covent(home, ['doctor'])
  expect(code).toBe(1)
  expect(stdout).toMatch(/✗ configuration.*http\.prot \(line 2/s)
})
