import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const row = /^\| (?<line>[A-G]\d+) \| [^|]+ \| `(?<file>[^`]+)` \| (?<title>.+) \|$/gm
const rows = [...readFileSync(join(root, 'docs', 'security.md'), 'utf8').matchAll(row)].map(
  ({ groups }) => groups as Record<'line' | 'file' | 'title', string>,
)

it.each(rows)('has a test for $line: $title', ({ file, title }) => {
  const path = join(root, file)
  expect(existsSync(path)).toBe(true)
  expect(readFileSync(path, 'utf8')).toContain(title)
})

it('names tests for the edge and the audit, line by line', () => {
  const lines = new Set(rows.map(({ line }) => line))
  const wanted = [
    'A1',
    'A2',
    'A3',
    'A4',
    'A5',
    'A6',
    'A7',
    'A8',
    'A9',
    'A10',
    'B1',
    'B2',
    'B3',
    'B4',
    'B5',
    'E5',
    'E6',
  ]
  expect(wanted.filter((line) => !lines.has(line))).toEqual([])
})
