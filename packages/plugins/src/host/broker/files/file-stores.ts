import { lstat, mkdir, open, rm } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { type Clock, ConfigurationError } from '@covent/core'
import type { PluginsConfig } from '../../../config.ts'
import type { Asker } from '../broker-method.ts'
import type { Owner } from './file-acts.ts'
import { type Volume, volume, type VolumeOptions } from './volume.ts'

export interface FileStoresOptions {
  /** The server's own, which no plugin reaches but for the workspace in it. */
  readonly home: string
  /** The home folder of the person as whom the server runs. */
  readonly userHome?: string | undefined
  readonly settings: Pick<PluginsConfig, 'workspace' | 'workspaceMb'>
  /** Whose what is written becomes where the server runs as root: that of the sandboxes. */
  readonly owner?: Owner | undefined
  readonly clock: Clock
}

/** The places that file requests go to. */
export interface FileStores {
  /** Where the workspace stands; makes it. */
  workspacePath(): Promise<string>
  workspace(): Promise<Volume>
  temporary(asker: Asker): Promise<Volume>
  home(): Volume | undefined
  system(asker: Asker): Volume
  /** Removes what plugins left behind when the server last ran. */
  start(): Promise<void>
  /** Removes the temporary files of a plugin. */
  forget(plugin: string): Promise<void>
}

const bytesPerMb = 1_048_576
const workspaceFiles = 10_000
const temporaryFiles = 1_000
const grownFiles = 1_000

const isWithin = (folder: string, path: string): boolean => {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith('../')
}

/** Where the workspace is: beside the server's own files, never around or among them. */
const placeOf = ({ home, settings }: FileStoresOptions): string => {
  const own = join(home, 'workspace')
  const path = resolve(settings.workspace ?? own)
  if (isWithin(own, path) || !(isWithin(home, path) || isWithin(path, home))) return path
  throw new ConfigurationError(
    'config.invalid-value',
    `plugins.workspace: ${path} holds the server's own files or lies among them; name another folder, or leave it out`,
  )
}

/** Makes a folder that is its owner's alone; one that is there already stays as the operator made it. */
const makeOwn = async (path: string, owner: Owner | undefined): Promise<void> => {
  if ((await mkdir(path, { recursive: true, mode: 0o700 })) === undefined || owner === undefined) return
  const made = await open(path)
  await made.chown(owner.uid, owner.gid).finally(() => made.close())
}

const temporaryBytes = ({ quotaBytes, manifest }: Asker): number => {
  const asked =
    manifest?.permissions.required['fs:write:temp'] ?? manifest?.permissions.optional['fs:write:temp']
  return asked?.maxBytes ?? quotaBytes
}

const workspaceOf = (options: FileStoresOptions, path: string): VolumeOptions => ({
  name: 'the workspace',
  path,
  closed: [options.home],
  maxBytes: options.settings.workspaceMb * bytesPerMb,
  maxFiles: workspaceFiles,
  counts: 'all',
  owner: options.owner,
  clock: options.clock,
})

export const fileStores = (options: FileStoresOptions): FileStores => {
  const { home, userHome, owner, clock } = options
  const path = placeOf(options)
  const temporaryRoot = join(home, 'run', 'tmp')
  const shared = volume(workspaceOf(options, path))
  const temporary = new WeakMap<Asker, Volume>()
  const system = new WeakMap<Asker, Volume>()
  const grown = { counts: 'growth', maxFiles: grownFiles, clock, closed: [home] } as const

  const workspacePath = async (): Promise<string> => {
    const found = await lstat(path).catch(() => undefined) // made now
    if (found === undefined) await makeOwn(path, owner)
    return path
  }
  return {
    workspacePath,
    async workspace() {
      await workspacePath()
      return shared
    },
    async temporary(asker) {
      const folder = join(temporaryRoot, asker.id)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const limits = { maxBytes: temporaryBytes(asker), maxFiles: temporaryFiles }
      const made =
        temporary.get(asker) ??
        volume({ ...workspaceOf(options, folder), ...limits, name: 'ctx.tmp', owner: undefined })
      temporary.set(asker, made)
      return made
    },
    home: () =>
      userHome === undefined
        ? undefined
        : volume({ ...grown, name: 'the home', path: userHome, maxBytes: 0 }),
    system(asker) {
      const name = `what ${asker.id} writes`
      const made = system.get(asker) ?? volume({ ...grown, name, path: '/', maxBytes: asker.quotaBytes })
      system.set(asker, made)
      return made
    },
    start: () => rm(temporaryRoot, { recursive: true, force: true }),
    forget: (plugin) => rm(join(temporaryRoot, plugin), { recursive: true, force: true }),
  }
}
