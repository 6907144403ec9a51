import { chmodSync } from 'node:fs'
import { join } from 'node:path'

/** The compiler writes no execute bit. */
for (const app of ['cli', 'server'])
  chmodSync(join(import.meta.dirname, '..', 'apps', app, 'dist', 'main.js'), 0o755)
