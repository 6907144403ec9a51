import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** The tests of what would be published need a build; it is incremental, and says nothing when it succeeds. */
const root = join(import.meta.dirname, '..')
const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'run.mjs'), 'build'], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
