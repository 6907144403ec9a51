import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PluginError } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import type { Trust } from '../isolation/isolation-policy.ts'
import { stripped } from './stripped.ts'

export interface PluginSource {
  /** The folder's name, or the name that the composition root gave it. */
  readonly name: string
  readonly path: string
  readonly trust: Trust
  /** Where it is known before it runs. */
  readonly version?: string
  /** Opens a package of the installed store, which is checked whole at each load. */
  readonly open?: () => Promise<OpenedPackage>
}

/** A package that is what was installed. */
export interface OpenedPackage {
  readonly text: string
  /** What its code must say of itself. */
  readonly manifest: Manifest
  /** SHA-256 of its manifest's bytes, to which decisions are bound. */
  readonly digest: string
  /** What the operator decided, by permission. */
  readonly decisions: ReadonlyMap<string, boolean>
}

/** A plugin that ships with the server: its one source file. */
export interface BundledPlugin {
  readonly name: string
  readonly url: URL | string
}

const fileNames = ['plugin.mjs', 'plugin.ts']
const sizeCapBytes = 2_097_152

export const bundledSource = ({ name, url }: BundledPlugin): PluginSource => ({
  name,
  path: fileURLToPath(url),
  trust: 'first-party',
})

const pluginFile = async (folder: string): Promise<string | undefined> => {
  const names = await readdir(folder).catch((): string[] => [])
  const found = fileNames.find((name) => names.includes(name))
  return found === undefined ? undefined : join(folder, found)
}

/** Where plugins of the operator stand, each in a folder of its own. */
export const pluginsFolder = (home: string): string => join(home, 'plugins')

/** The plugin in `<home>/plugins/<name>/`, where there is one. */
export const folderSource = async (home: string, name: string): Promise<PluginSource | undefined> => {
  const path = await pluginFile(join(pluginsFolder(home), name))
  return path === undefined ? undefined : { name, path, trust: 'unverified' }
}

/** The plugins that stand in `<home>/plugins/<name>/`, by name. */
export const installedSources = async (home: string): Promise<readonly PluginSource[]> => {
  const names = (await readdir(pluginsFolder(home)).catch((): string[] => [])).toSorted()
  const found = await Promise.all(names.map((name) => folderSource(home, name)))
  return found.filter((source) => source !== undefined)
}

/** The JavaScript of a plugin, its types stripped; what was stripped once is kept in `cache`. */
export const readSource = async ({ name, path }: PluginSource, cache: string): Promise<string> => {
  const { size } = await stat(path)
  if (size > sizeCapBytes) throw new PluginError('plugin.invalid', `${name} is larger than 2 MiB`)
  const text = await readFile(path, 'utf8')
  return path.endsWith('.ts') ? stripped(name, text, cache) : text
}
