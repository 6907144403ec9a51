import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { cases } from './hostile/cases.ts'
import { hasForeignFunctions } from './native-plugin.ts'

const page = readFileSync(new URL('../../../docs/plugins/hostile-suite.md', import.meta.url), 'utf8')
const wayOut = new URL('../../../apps/server/test/network/hostile-way-out.test.ts', import.meta.url)
const [head = [], , ...rows] = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))
const kernelLevels = ['`process`', '`container`'].map((level) => head.indexOf(level))
const numbered = Array.from({ length: 40 }, (_, n) => `H${String(n + 1).padStart(2, '0')}`)

it.runIf(hasForeignFunctions)('lists every hostile case by what it tries, and no other', () => {
  const told = cases.map(({ id, title, success }) => [id, title, success])
  expect(rows.map((row) => row.slice(0, 3))).toEqual(told)
})

it('tells of no outcome behind a kernel that the suite would not take', () => {
  expect(kernelLevels).not.toContain(-1)
  for (const { id, expected } of cases) {
    const row = rows.find(([first]) => first === id)!
    for (const column of kernelLevels) expect(expected, `${id} ${head[column]}`).toContain(row[column])
  }
})

it.runIf(hasForeignFunctions)('has the forty cases of the design, here or where the way out is tried', () => {
  const ways = readFileSync(wayOut, 'utf8')
  const isTried = (id: string): boolean => cases.some((one) => one.id.startsWith(id)) || ways.includes(id)
  expect(numbered.filter((id) => !isTried(id))).toEqual([])
})
