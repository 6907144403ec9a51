import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compiledForPostgres, compiledForSqlite } from '../packages/database/scripts/generate-queries.ts'
import { bundleRunner } from '../packages/plugins/scripts/bundle-runner.ts'
import { seccompProfile } from '../packages/plugins/src/drivers/container/seccomp-profile.ts'
import { errorsPage } from './errors-page.ts'
import { manifestDocument } from './manifest-document.ts'
import { rolesPage } from './roles-page.ts'

/** Files that are made from others. With `--check` nothing is written, and a file that is not as its source makes it fails. */
const generated: Readonly<Record<string, () => string | Promise<string>>> = {
  'deploy/sandbox/seccomp.json': seccompProfile,
  'docs/errors.md': errorsPage,
  'docs/roles.md': rolesPage,
  'packages/database/src/postgres/queries.gen.ts': compiledForPostgres,
  'packages/database/src/sqlite/queries.gen.ts': compiledForSqlite,
  'packages/plugin-sdk/schema/manifest.v1.json': manifestDocument,
  'packages/plugins/src/runner.gen.mjs': bundleRunner,
}

const root = join(import.meta.dirname, '..')
const isCheck = process.argv.includes('--check')
const stale: string[] = []
for (const [file, make] of Object.entries(generated)) {
  const wanted = await make()
  const present = await readFile(join(root, file), 'utf8').catch(() => undefined)
  if (present === wanted) continue
  stale.push(file)
  if (!isCheck) await writeFile(join(root, file), wanted)
}
if (isCheck && stale.length > 0) {
  console.error(`not as their sources make them: ${stale.join(', ')}; run \`npm run generate\``)
  process.exit(1)
}
console.log(
  isCheck ? 'generated files are as their sources make them' : `written: ${stale.join(', ') || 'nothing'}`,
)
