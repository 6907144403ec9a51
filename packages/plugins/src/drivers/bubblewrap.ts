import { dirname } from 'node:path'

export interface Interior {
  /** Host path of the Node binary. */
  readonly node: string
  readonly runner: string
  readonly prlimit?: string | undefined
  readonly libraries: readonly string[]
}

export const interior = { node: '/app/node', runner: '/app/runner.mjs', prlimit: '/app/prlimit' } as const

const bind = (from: string, to: string): readonly string[] => ['--ro-bind', from, to]

/**
 * Arguments of bubblewrap, given through a descriptor: new namespaces of every kind, nobody's uid, no capability, no
 * /proc, /dev, /etc or /usr, nothing writable, and in all the file system only Node, its libraries and the runner.
 */
export const bubblewrapArguments = ({ node, runner, prlimit, libraries }: Interior): readonly string[] => {
  const folders = [...new Set(libraries.map((path) => dirname(path)))]
  return [
    words('--unshare-all --uid 65534 --gid 65534 --hostname plugin'),
    words('--new-session --die-with-parent --cap-drop ALL --clearenv'),
    ['--setenv', 'LD_LIBRARY_PATH', folders.join(':')],
    ...libraries.map((path) => bind(path, path)),
    bind(node, interior.node),
    bind(runner, interior.runner),
    prlimit === undefined ? [] : bind(prlimit, interior.prlimit),
    words('--remount-ro / --chdir /app --seccomp 5'),
  ].flat()
}

const words = (line: string): readonly string[] => line.split(' ')
