import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, chmod, copyFile, link, lstat, mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ConfigurationError } from '@covent/core'

const run = promisify(execFile)

const programFolders = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin']

/** Where a system program is, looked for in fixed places: a search path could be someone's to choose. */
export const systemProgram = async (name: string): Promise<string | undefined> => {
  for (const folder of programFolders) {
    const path = join(folder, name)
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  return undefined
}

/** Absolute paths of the shared libraries that these programs load, the loader among them. */
export const sharedLibraries = async (...programs: readonly string[]): Promise<readonly string[]> => {
  const { stdout } = await run('/usr/bin/ldd', [...programs], { env: { LC_ALL: 'C' } })
  const paths = [...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map((match) => match[1]!)
  return [...new Set(paths)]
}

const othersMayRead = async (path: string): Promise<boolean> => {
  const { mode } = await stat(path)
  if ((mode & 0o004) === 0) return false
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

const ownFolder = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o755 })
  const { mode, uid } = await lstat(path)
  if ((mode & 0o170_000) !== 0o040_000 || uid !== 0 || (mode & 0o022) !== 0)
    throw new ConfigurationError(
      'config.unreadable',
      `${path} must be a folder of root that nobody else can write; remove it, or change its owner and mode`,
    )
}

/**
 * A path under which an unprivileged user can read `path`: itself where that holds, else a hard link or copy of it in
 * `folder`, made once for each version of the file.
 */
export const readableByOthers = async (path: string, folder: string): Promise<string> => {
  if (await othersMayRead(path)) return path
  await ownFolder(folder)
  const { ino, size, mtimeMs, mode } = await stat(path)
  const staged = join(folder, `${ino}-${size}-${Math.floor(mtimeMs)}-${basename(path)}`)
  if (
    await stat(staged).then(
      ({ size: found }) => found === size,
      () => false,
    )
  )
    return staged
  const fresh = `${staged}.${process.pid}`
  await rm(fresh, { force: true })
  if ((mode & 0o004) === 0) await copyForOthers(path, fresh)
  else await link(path, fresh).catch(() => copyForOthers(path, fresh))
  await rename(fresh, staged)
  return staged
}

const copyForOthers = async (from: string, to: string): Promise<void> => {
  await copyFile(from, to, constants.COPYFILE_EXCL)
  await chmod(to, 0o755)
}
