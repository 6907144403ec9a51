import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const folder = join(import.meta.dirname, '..')

it('the example prints what its README says', () => {
  const args = ['--conditions=@covent/source', 'main.mjs']
  const printed = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(`\`\`\`\n${printed}\`\`\``)
})
