import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PluginError } from '@covent/core'
import type { PluginPackage } from './plugin-package.ts'
import { type Files, maxBytes, maxFiles } from './tar.ts'

/** Packages at rest: `<home>/plugins/<id>/<version>/`, file by file. */
export interface InstalledStore {
  /** All of it or nothing of it. */
  write(plugin: PluginPackage): Promise<void>
  /** Every file there is; throws `plugin.integrity-broken` for what can be no file of a package. */
  read(id: string, version: string): Promise<Files>
  remove(id: string, version: string): Promise<void>
}

const broken = (path: string, why: string): PluginError =>
  new PluginError('plugin.integrity-broken', `${path} ${why}`)

const gone = (path: string) => (): never => {
  throw broken(path, 'cannot be read')
}

const checkFolder = async (path: string): Promise<void> => {
  const found = await lstat(path).catch(gone(path))
  if (found.isSymbolicLink()) throw broken(path, 'is a link')
  if (!found.isDirectory()) throw broken(path, 'is no folder')
}

const readWhole = async (path: string, left: number): Promise<Uint8Array> => {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    gone(path),
  )
  try {
    const { size } = await handle.stat()
    if (size > left) throw broken(path, `makes the plugin larger than ${maxBytes} bytes`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

const readFolder = async (root: string): Promise<Files> => {
  const files = new Map<string, Uint8Array>()
  let left = maxBytes
  const walk = async (folder: string, prefix: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(gone(folder))) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) await walk(path, `${prefix}${entry.name}/`)
      else {
        if (!entry.isFile()) throw broken(path, entry.isSymbolicLink() ? 'is a link' : 'is no plain file')
        if (files.size === maxFiles) throw broken(root, `holds more than ${maxFiles} files`)
        const bytes = await readWhole(path, left)
        left -= bytes.length
        files.set(prefix + entry.name, bytes)
      }
    }
  }
  await walk(root, '')
  return files
}

const writeAll = async (folder: string, files: Files): Promise<void> => {
  for (const [name, bytes] of files) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(path, bytes, { mode: 0o600, flag: 'wx', flush: true })
  }
}

export const installedStore = (home: string): InstalledStore => {
  const folderOf = (id: string): string => join(home, 'plugins', id)
  return {
    async write({ contents, plugin: { id, version } }) {
      const folder = folderOf(id)
      const aside = join(folder, `.${randomUUID()}`)
      try {
        await writeAll(aside, contents)
        await rm(join(folder, version), { recursive: true, force: true })
        await rename(aside, join(folder, version))
      } catch (error) {
        await rm(aside, { recursive: true, force: true })
        throw error
      }
    },
    async read(id, version) {
      await checkFolder(folderOf(id))
      await checkFolder(join(folderOf(id), version))
      return readFolder(join(folderOf(id), version))
    },
    async remove(id, version) {
      await rm(join(folderOf(id), version), { recursive: true, force: true })
      await rmdir(folderOf(id)).catch(() => {}) // another version, or what the operator put there, stays
    },
  }
}
