import { fileURLToPath } from 'node:url'
import { readableByOthers, systemProgram } from './system-files.ts'

export interface IsolationSettings {
  /** The user as whom sandboxes run where the server runs as root. */
  readonly uid: number
}

/** What both drivers start from. */
export interface Surroundings {
  readonly node: string
  readonly runner: string
  readonly prlimit: string | undefined
  /** Absent where the server is no root: sandboxes run as its own user. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined
}

// The package ships its sources too, so that this path holds from `src` and from `dist`.
export const runnerPath: string = fileURLToPath(new URL('../../src/runner.gen.mjs', import.meta.url))
const stagingFolder = '/var/cache/covent-sandbox'

/** Finds what a sandbox is made of; as root, makes sure that the unprivileged user can reach it. */
export const surroundings = async ({ uid }: IsolationSettings): Promise<Surroundings> => {
  const isRoot = process.getuid?.() === 0
  const reach = (path: string): Promise<string> =>
    isRoot ? readableByOthers(path, stagingFolder) : Promise.resolve(path)
  const [node, runner, prlimit] = await Promise.all([
    reach(process.execPath),
    reach(runnerPath),
    systemProgram('prlimit'),
  ])
  return { node, runner, prlimit, user: isRoot ? { uid, gid: uid } : undefined }
}
