import { fileURLToPath } from 'node:url'
import { type ControlGroups, controlGroups } from './limits/control-groups.ts'
import { readableByOthers, systemProgram } from './system-files.ts'

export interface IsolationSettings {
  /** The user as whom sandboxes run where the server runs as root. */
  readonly uid: number
  /** Processes that wait for a plugin; none when absent. */
  readonly warm?: number
  /** `off` holds memory and CPU by watching alone. */
  readonly controlGroups?: 'auto' | 'off'
}

/** What both drivers start from. */
export interface Surroundings {
  readonly node: string
  readonly runner: string
  readonly prlimit: string | undefined
  readonly groups: ControlGroups | undefined
  /** Absent where the server is no root: sandboxes run as its own user. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined
}

// The package ships its sources too, so that this path holds from `src` and from `dist`.
export const runnerPath: string = fileURLToPath(new URL('../../src/runner.gen.mjs', import.meta.url))
const stagingFolder = '/var/cache/covent-sandbox'

/** Finds what a sandbox is made of; as root, makes sure that the unprivileged user can reach it. */
export const surroundings = async ({ uid, ...settings }: IsolationSettings): Promise<Surroundings> => {
  const isRoot = process.getuid?.() === 0
  const reach = (path: string): Promise<string> =>
    isRoot ? readableByOthers(path, stagingFolder) : Promise.resolve(path)
  const [node, runner, prlimit] = await Promise.all([
    reach(process.execPath),
    reach(runnerPath),
    systemProgram('prlimit'),
  ])
  const groups = settings.controlGroups === 'off' ? undefined : controlGroups()
  return { node, runner, prlimit, groups, user: isRoot ? { uid, gid: uid } : undefined }
}
