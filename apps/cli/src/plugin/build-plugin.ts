import { access, readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { PluginError } from '@covent/core'
import { bundle } from './bundle.ts'
import { sbomOf } from './sbom.ts'

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

const filesBelow = async (folder: string): Promise<string[]> => {
  const found = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  return found.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
}

/** README.md, CHANGELOG.md and what is in `assets/`, by the names that they get in the package. */
const filesBeside = async (folder: string): Promise<ReadonlyMap<string, Uint8Array>> => {
  const paths = await filesBelow(join(folder, 'assets'))
  for (const name of ['README.md', 'CHANGELOG.md'])
    if (await isThere(join(folder, name))) paths.push(join(folder, name))
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
  const { text: code, inputs } = await bundle(folder, entry)
  const { describeCode, makePackage } = await import('@covent/server/offline')
  const plugin = await describeCode({ name: entry, text: code, ...options })
  const sbom = await sbomOf(plugin, { folder, entry, inputs })
  const others = new Map([...(await filesBeside(folder)), ['sbom.cdx.json', sbom]])
  return makePackage({ plugin, code, others })
}
