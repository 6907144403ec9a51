import { access, readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { PluginError } from '@covent/core'
import { bundle } from './bundle.ts'

const entries = ['plugin.ts', 'plugin.mjs', 'plugin.js', join('src', 'plugin.ts')]

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const entryOf = async (folder: string): Promise<string> => {
  for (const entry of entries) if (await isThere(join(folder, entry))) return entry
  throw new PluginError(
    'plugin.build-failed',
    `${folder} holds no plugin: none of ${entries.join(', ')} is there`,
  )
}

const filesBelow = async (folder: string): Promise<readonly string[]> => {
  const found = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  return found.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
}

/** README.md and what is in `assets/`, by the names that they get in the package. */
const filesBeside = async (folder: string): Promise<ReadonlyMap<string, Uint8Array>> => {
  const readme = join(folder, 'README.md')
  const paths = [...((await isThere(readme)) ? [readme] : []), ...(await filesBelow(join(folder, 'assets')))]
  const named = paths.map(async (path) => {
    const name = relative(folder, path).replaceAll('\\', '/')
    return [name, new Uint8Array(await readFile(path))] as const
  })
  return new Map(await Promise.all(named))
}

export interface BuildOptions {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** The unsigned package of a plugin's folder; what it says of itself is asked in the sandbox. */
export const buildPlugin = async (where: string, options: BuildOptions): Promise<Uint8Array> => {
  const folder = resolve(where)
  const entry = await entryOf(folder)
  const code = await bundle(folder, entry)
  const { describeCode, makePackage } = await import('@covent/server/offline')
  const plugin = await describeCode({ name: entry, text: code, ...options })
  return makePackage({ plugin, code, others: await filesBeside(folder) })
}
