import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { PluginError } from '@covent/core'

export interface FolderRoot {
  readonly path: string
  /** Folders that are never entered on the way, by whatever name they are reached. */
  readonly closed: readonly string[]
}

/** A folder that is held open: what its path stands for cannot be exchanged under it (Linux), or is compared (elsewhere). */
export interface OpenFolder {
  readonly path: string
}

interface Held extends OpenFolder {
  readonly handle: FileHandle
  readonly real: string
}
interface Identity {
  readonly dev: bigint
  readonly ino: bigint
}

const isLinux = process.platform === 'linux'
/** O_PATH, which Node does not name: needs no leave to read the folder. */
const pathOnly = isLinux ? 0o10_000_000 : 0
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | pathOnly
/** File systems of the kernel itself, whose files tell of processes: /proc and /sys. */
const kernelFileSystems = [0x9f_a0, 0x62_65_65_72, 0x62_65_65_73, 0x62_65_65_74]

export const refusedFile = (why: string): PluginError =>
  new PluginError('plugin.file-refused', `what stands at this path is ${why}`)

const hold = async (path: string, real: string): Promise<Held> => {
  const handle = await open(path, folderFlags)
  // Through the descriptor the kernel walks no names, so that no link can lead elsewhere.
  return { handle, real, path: isLinux ? `/proc/self/fd/${handle.fd}` : path }
}

const identityOf = (path: string): Promise<Identity | undefined> =>
  stat(path, { bigint: true }).catch(() => undefined) // what is not there cannot be entered

const checkEntered = async ({ handle }: Held, closed: readonly (Identity | undefined)[]): Promise<void> => {
  const { dev, ino } = await handle.stat({ bigint: true })
  if (closed.some((one) => one?.dev === dev && one.ino === ino)) throw refusedFile("in the server's own home")
}

/** What was opened must still be where its names say, on a file system that holds files. */
const checkPlace = async ({ path, real }: Held): Promise<void> => {
  if ((await realpath(path)) !== real) throw refusedFile('not where its names say it is')
  if (isLinux && kernelFileSystems.includes((await statfs(path)).type))
    throw refusedFile('of the kernel, and tells of processes')
}

/** Opens the folder name by name below the root, following no link, and holds it open for `work`. */
export const inFolder = async <T>(
  { path, closed }: FolderRoot,
  names: readonly string[],
  work: (folder: OpenFolder) => Promise<T>,
): Promise<T> => {
  const identities = await Promise.all(closed.map(identityOf))
  const root = await realpath(path)
  let held = await hold(root, root)
  try {
    for (const name of names) {
      const next = await hold(join(held.path, name), join(held.real, name))
      await held.handle.close()
      held = next
      await checkEntered(held, identities)
    }
    await checkPlace(held)
    return await work(held)
  } finally {
    await held.handle.close()
  }
}
