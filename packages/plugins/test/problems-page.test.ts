import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const page = readFileSync(join(root, 'docs/plugins/problems.md'), 'utf8')
const [, loading = '', running = ''] = page.split(/^## /m)

/** What stands as code in the first column of a table. */
const texts = (section: string): readonly string[] =>
  [...section.matchAll(/^\| ([^|]*`[^|]*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text),
  )

it('has on the page of problems only texts that the code says', () => {
  const files = globSync('{apps,packages}/{cli,core,database,plugins}/src/**/*.ts', { cwd: root })
  const code = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
  const said = [...texts(loading), ...texts(running)]
  expect(said.length).toBeGreaterThan(20)
  expect(said.filter((text) => !code.includes(text))).toEqual([])
})
