import { lstat, readlink } from 'node:fs/promises'
import { sharedLibraries } from '../../../drivers/system-files.ts'

/** A folder of the host's that the program sees at `/workspace`. */
export interface LentFolder {
  readonly path: string
  readonly access: 'read' | 'write'
}
export interface ProgramBox {
  /** Absolute path of the program on the host, and in its box. */
  readonly program: string
  readonly folder: LentFolder | undefined
}

const systemFolders = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']
const system = /^\/(usr|bin|sbin|lib\w*)\//
const scratchBytes = 67_108_864
const bytesPerMb = 1_048_576
const words = (line: string): readonly string[] => line.split(' ')

/** `/bin` and its like: links into `/usr` on most systems, folders of their own on others. */
const systemFolder = async (name: string): Promise<readonly string[]> => {
  const path = `/${name}`
  const stat = await lstat(path).catch(() => undefined) // not every system has each
  if (stat === undefined) return []
  return stat.isSymbolicLink() ? ['--symlink', await readlink(path), path] : ['--ro-bind', path, path]
}

/** The program and what it loads, where that is not among the system's. */
const ownFiles = async (program: string): Promise<readonly string[]> => {
  if (system.test(program)) return []
  const libraries = await sharedLibraries(program).catch((): readonly string[] => []) // a script loads none
  const files = [program, ...libraries.filter((path) => !system.test(path))]
  return files.flatMap((path) => ['--ro-bind', path, path])
}

/**
 * Arguments of bubblewrap: new namespaces of every kind, so no network; nobody's uid, no capability, an empty
 * environment; the system's programs and libraries for reading, no /etc, no /proc, no home; a scratch folder in memory.
 */
export const programBox = async ({ program, folder }: ProgramBox): Promise<readonly string[]> => {
  const folders = await Promise.all(systemFolders.map(systemFolder))
  const lent =
    folder === undefined
      ? []
      : [folder.access === 'write' ? '--bind' : '--ro-bind', folder.path, '/workspace']
  return [
    ...words('--unshare-all --uid 65534 --gid 65534 --hostname program'),
    ...words('--new-session --die-with-parent --cap-drop ALL --clearenv'),
    ...words('--ro-bind /usr /usr --ro-bind-try /etc/alternatives /etc/alternatives'),
    ...folders.flat(),
    ...words(`--dev /dev --remount-ro /dev --size ${scratchBytes} --tmpfs /tmp`),
    ...(await ownFiles(program)),
    ...lent,
    ...words(`--remount-ro / --chdir ${folder === undefined ? '/tmp' : '/workspace'}`),
    ...words('--seccomp 4 --json-status-fd 5'),
  ]
}

/** What each process of a run may take, but for the last, which all of them share. */
export const runLimits: readonly string[] = [
  `--data=${1_024 * bytesPerMb}`,
  `--fsize=${64 * bytesPerMb}`,
  '--core=0',
  '--nofile=256',
  '--nproc=32',
]
