import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packAll } from '../test/support/tarballs.ts'

/** publint and attw over what would be published: the tarballs, not the folders. */
const root = join(import.meta.dirname, '..')
const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
const failures: string[] = []
for (const [name, tarball] of await packAll()) {
  const lint = spawnSync(bin('publint'), ['run', tarball, '--strict'], { encoding: 'utf8' })
  const types = spawnSync(bin('attw'), [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color'], {
    encoding: 'utf8',
  })
  if (lint.status !== 0) failures.push(`${name}: publint\n${lint.stdout}${lint.stderr}`)
  if (types.status !== 0 && hasTypes(name)) failures.push(`${name}: attw\n${types.stdout}${types.stderr}`)
  console.log(`${name}: ${lint.status === 0 && (types.status === 0 || !hasTypes(name)) ? 'ok' : 'FAILED'}`)
}
if (failures.length > 0) {
  console.error(failures.join('\n\n'))
  process.exit(1)
}

/** The command and the bundled plugins export no types to check. */
function hasTypes(name: string): boolean {
  const folders = ['packages', 'apps', 'examples/plugins'].flatMap((at) =>
    readdirSync(join(root, at)).map((f) => join(root, at, f)),
  )
  const manifests = folders.map(
    (folder) =>
      JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; exports: object },
  )
  return JSON.stringify(manifests.find((manifest) => manifest.name === name)?.exports).includes('"types"')
}
