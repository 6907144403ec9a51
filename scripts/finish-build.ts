import { chmodSync } from 'node:fs'
import { join } from 'node:path'

/** The compiler writes no execute bit. */
const root = join(import.meta.dirname, '..')
for (const app of ['cli', 'server']) chmodSync(join(root, 'apps', app, 'dist', 'main.js'), 0o755)
